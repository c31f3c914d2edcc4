import PIL
import pytest
from PIL import Image, ImageDraw, ImageFont, ImageMath


@pytest.fixture
def image():
    return Image.new("RGB", (4, 4))


def test_antialias(image):
    assert image.resize((2, 2), Image.ANTIALIAS).size == (2, 2)


def test_textsize(image):
    assert ImageDraw.Draw(image).textsize("a")[0] > 0


def test_getsize():
    assert ImageFont.load_default().getsize("a")[0] > 0


def test_version():
    assert PIL.PILLOW_VERSION


def test_tostring(image):
    assert len(image.tostring()) == 48


def test_eval():
    assert ImageMath.eval("1 + 1") == 2


def test_linear(image):
    assert image.resize((2, 2), Image.LINEAR).size == (2, 2)


def test_is_image(image):
    assert Image.isImageType(image)


def test_cubic(image):
    assert image.resize((2, 2), Image.CUBIC).size == (2, 2)
