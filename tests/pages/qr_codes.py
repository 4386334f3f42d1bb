"""QR codes, read from the screen as a phone reads them."""

import base64

import zxingcpp
from playwright.sync_api import Locator, Page

PIXELS = """
async (source) => {
  const image = new Image();
  image.src = source;
  await image.decode();
  const canvas = new OffscreenCanvas(image.width, image.height);
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0);
  const red = context.getImageData(0, 0, image.width, image.height).data.filter((_, at) => at % 4 === 0);
  return [image.width, image.height, Array.from(red, (value) => (value < 128 ? 0 : 1)).join("")];
}
"""
"""Width, height and the pixels of a picture as the browser shows it: 0 is dark, 1 is light."""


def read_qr_code(page: Page, source: str) -> str:
    """What a phone reads from the picture at a URL."""
    width, height, pixels = page.evaluate(PIXELS, source)
    picture = memoryview(bytes(255 * int(pixel) for pixel in pixels)).cast("B", shape=(height, width))
    [code] = zxingcpp.read_barcodes(picture)
    assert code.format == zxingcpp.BarcodeFormat.QRCode
    return str(code.text)


def read_picture(page: Page, drawing: Locator) -> str:
    """What it reads from a part of the page, as it is on the screen."""
    source = f"data:image/png;base64,{base64.b64encode(drawing.screenshot()).decode()}"
    blank = page.context.new_page()  # the page itself may not show pictures to scripts
    try:
        return read_qr_code(blank, source)
    finally:
        blank.close()
