"""What is painted on the map."""

from __future__ import annotations

import base64
from typing import Any

COUNT_PIXELS = """async ([png, colour]) => {
  const image = new Image();
  image.src = "data:image/png;base64," + png;
  await image.decode();
  const canvas = new OffscreenCanvas(image.width, image.height);
  const pen = canvas.getContext("2d");
  pen.drawImage(image, 0, 0);
  const { data } = pen.getImageData(0, 0, image.width, image.height);
  let n = 0;
  for (let i = 0; i < data.length; i += 4)
    if (colour.every((value, k) => Math.abs(data[i + k] - value) <= 6)) n += 1;
  return n;
}"""


def pixels(page: Any, colour: tuple[int, int, int]) -> int:
    """How many pixels of the map, clear of the panels, have a colour."""
    clip = {"x": 240, "y": 60, "width": 1000, "height": 700}
    png = base64.b64encode(page.screenshot(clip=clip)).decode()
    return page.evaluate(COUNT_PIXELS, [png, list(colour)])
