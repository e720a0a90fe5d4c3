import io
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from submissions.documents.media_type import MediaType, sniff
from submissions.documents.opener import count_pages, load_page, render_page
from tests.documents.making import BLUE, GREEN, RED, YELLOW, corner_colours, four_corners, save_image

UPRIGHT = [RED, GREEN, BLUE, YELLOW]
ORIENTATION_TAG = 0x0112
STORED_BY_ORIENTATION = {  # how a camera lays down an upright picture under each EXIF orientation
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def opened(page: bytes) -> Image.Image:
    return Image.open(io.BytesIO(page))


FORMS = [
    ("JPEG", MediaType.JPEG, MediaType.JPEG),
    ("PNG", MediaType.PNG, MediaType.PNG),
    ("WEBP", MediaType.WEBP, MediaType.JPEG),
    ("HEIF", MediaType.HEIC, MediaType.JPEG),
    ("TIFF", MediaType.TIFF, MediaType.PNG),
]


@pytest.mark.parametrize(("form", "media_type", "sent_as"), FORMS)
def test_an_image_is_one_page_that_keeps_its_size_and_colours_and_is_sent_as_what_a_model_server_reads(
    tmp_path: Path, form: str, media_type: MediaType, sent_as: MediaType
) -> None:
    file = save_image(four_corners(), tmp_path / "page", form)

    page = render_page(file, media_type, 0)

    assert sniff(file.read_bytes()) is media_type
    assert count_pages(file, media_type) == 1
    assert sniff(page) is sent_as
    assert opened(page).size == (160, 120)
    assert corner_colours(page) == UPRIGHT


@pytest.mark.parametrize(("form", "media_type"), [(form, media_type) for form, media_type, _ in FORMS])
@pytest.mark.parametrize("orientation", sorted(STORED_BY_ORIENTATION))
def test_a_photo_that_was_taken_sideways_comes_out_upright(
    tmp_path: Path, orientation: int, form: str, media_type: MediaType
) -> None:
    exif = Image.Exif()
    exif[ORIENTATION_TAG] = orientation
    stored = four_corners().transpose(STORED_BY_ORIENTATION[orientation])
    file = save_image(stored, tmp_path / "photo", form, exif=exif.tobytes())

    page = render_page(file, media_type, 0)

    assert opened(page).size == (160, 120)
    assert corner_colours(page) == UPRIGHT


def test_a_photo_whose_exif_data_is_damaged_is_read_as_it_is(tmp_path: Path) -> None:
    exif = b"Exif\x00\x00II*\x00\x08\x00\x00\x00\xff\xff\x12\x01"
    file = save_image(four_corners(), tmp_path / "photo", "JPEG", exif=exif)

    assert corner_colours(render_page(file, MediaType.JPEG, 0)) == UPRIGHT


@pytest.mark.parametrize(
    ("form", "media_type", "kept_by_pillow"),
    [
        ("WEBP", MediaType.WEBP, "icc_profile"),
        ("HEIF", MediaType.HEIC, "icc_profile"),
        ("JPEG", MediaType.JPEG, "comment"),
        ("JPEG", MediaType.JPEG, "icc_profile"),
        ("PNG", MediaType.PNG, "icc_profile"),
    ],
)
def test_nothing_of_the_metadata_goes_to_the_model(
    tmp_path: Path, form: str, media_type: MediaType, kept_by_pillow: str
) -> None:
    telling = b"taken by Mia, at home"
    file = save_image(four_corners(), tmp_path / "photo", form, **{kept_by_pillow: telling})
    assert telling in opened(file.read_bytes()).info.values()

    assert telling not in opened(render_page(file, media_type, 0)).info.values()


@pytest.mark.parametrize(("form", "media_type"), [(form, media_type) for form, media_type, _ in FORMS])
def test_an_image_above_the_pixel_budget_is_made_smaller_and_keeps_its_shape(
    tmp_path: Path, form: str, media_type: MediaType
) -> None:
    file = save_image(four_corners(1200, 900), tmp_path / "photo", form)

    page = render_page(file, media_type, 0, max_pixels=30_000)

    assert opened(page).size == (200, 150)
    assert corner_colours(page) == UPRIGHT


def test_a_photo_that_is_both_sideways_and_too_large_is_made_upright_and_smaller(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[ORIENTATION_TAG] = 6
    stored = four_corners(1200, 900).transpose(STORED_BY_ORIENTATION[6])
    file = save_image(stored, tmp_path / "photo", "JPEG", exif=exif)

    page = render_page(file, MediaType.JPEG, 0, max_pixels=30_000)

    assert opened(page).size == (200, 150)
    assert corner_colours(page) == UPRIGHT


def test_a_picture_of_many_colours_is_sent_as_jpeg_because_png_would_be_large(tmp_path: Path) -> None:
    noise = Image.merge("RGB", [Image.effect_noise((1200, 900), 100) for _ in range(3)])
    file = save_image(noise, tmp_path / "scan", "PNG", compress_level=1)

    page = render_page(file, MediaType.PNG, 0)

    assert sniff(page) is MediaType.JPEG
    assert len(page) < len(file.read_bytes())


def test_what_is_transparent_becomes_white_paper(tmp_path: Path) -> None:
    image = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    image.paste((0, 0, 0, 255), (0, 0, 20, 40))
    page = render_page(save_image(image, tmp_path / "writing", "PNG"), MediaType.PNG, 0)

    assert opened(page).mode == "RGB"
    assert [opened(page).getpixel((x, 20)) for x in (5, 35)] == [(0, 0, 0), (255, 255, 255)]


@pytest.mark.parametrize(("form", "media_type"), [("PNG", MediaType.PNG), ("WEBP", MediaType.WEBP)])
def test_light_ink_on_nothing_is_laid_on_dark_paper_and_is_not_blank(
    tmp_path: Path, form: str, media_type: MediaType
) -> None:
    """What a note-taking program exports that is set to a dark background."""
    image = Image.new("RGBA", (1200, 900), (0, 0, 0, 0))
    ImageDraw.Draw(image).text((200, 200), "Photosynthese", fill=(240, 240, 230, 255), font_size=60)

    page = load_page(save_image(image, tmp_path / "notes", form), media_type, 0).image

    assert page
    darkest, lightest = opened(page).convert("L").getextrema()
    assert darkest < 50
    assert lightest > 200


def test_a_picture_with_nothing_in_it_is_white_paper(tmp_path: Path) -> None:
    image = Image.new("RGBA", (400, 400), (0, 0, 0, 0))

    assert load_page(save_image(image, tmp_path / "notes", "PNG"), MediaType.PNG, 0).blank


def test_a_scan_with_transparent_corners_stays_on_white(tmp_path: Path) -> None:
    image = Image.new("RGBA", (400, 400), (255, 255, 255, 255))
    image.paste((0, 0, 0, 0), (0, 0, 40, 40))
    page = render_page(save_image(image, tmp_path / "scan", "PNG"), MediaType.PNG, 0)

    assert opened(page).getpixel((5, 5)) == (255, 255, 255)


def test_a_scan_of_sixteen_bits_keeps_its_grays(tmp_path: Path) -> None:
    image = Image.new("I;16", (40, 40), 0x8000)
    page = render_page(save_image(image, tmp_path / "scan", "PNG"), MediaType.PNG, 0)

    assert opened(page).mode == "L"
    assert opened(page).getpixel((20, 20)) == 0x80


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA"])
def test_a_png_of_any_mode_can_be_read(tmp_path: Path, mode: str) -> None:
    image = Image.new("RGB", (40, 40), "white")
    image.paste("black", (0, 0, 20, 40))
    page = render_page(save_image(image.convert(mode), tmp_path / "scan", "PNG"), MediaType.PNG, 0)

    assert [opened(page).convert("L").getpixel((x, 20)) for x in (5, 35)] == [0, 255]


def test_a_jpeg_made_for_print_can_be_read(tmp_path: Path) -> None:
    file = save_image(four_corners().convert("CMYK"), tmp_path / "print", "JPEG", quality=95)

    page = render_page(file, MediaType.JPEG, 0)

    assert opened(page).mode == "RGB"
    assert corner_colours(page) == UPRIGHT


def test_of_a_phone_photo_with_several_pictures_in_it_the_first_is_the_page(tmp_path: Path) -> None:
    depth_map = Image.new("RGB", (160, 120), "black")
    file = save_image(four_corners(), tmp_path / "photo", "MPO", save_all=True, append_images=[depth_map])
    assert sniff(file.read_bytes()) is MediaType.JPEG

    assert corner_colours(render_page(file, MediaType.JPEG, 0)) == UPRIGHT


def test_of_several_pictures_in_a_heic_the_main_one_is_the_page(tmp_path: Path) -> None:
    other = Image.new("RGB", (160, 120), "black")
    file = save_image(other, tmp_path / "photo", "HEIF", save_all=True, append_images=[four_corners()], primary_index=1)

    assert count_pages(file, MediaType.HEIC) == 1
    assert corner_colours(render_page(file, MediaType.HEIC, 0)) == UPRIGHT


def test_of_a_moving_picture_the_first_one_is_the_page(tmp_path: Path) -> None:
    other = Image.new("RGB", (160, 120), "black")
    file = save_image(four_corners(), tmp_path / "photo", "WEBP", save_all=True, append_images=[other])

    assert count_pages(file, MediaType.WEBP) == 1
    assert corner_colours(render_page(file, MediaType.WEBP, 0)) == UPRIGHT


@pytest.mark.parametrize("compression", [None, "tiff_lzw", "tiff_adobe_deflate", "jpeg"])
def test_each_image_of_a_tiff_is_a_page_of_its_own_size(tmp_path: Path, compression: str | None) -> None:
    pages = [four_corners(), Image.new("RGB", (300, 200), GREEN), Image.new("RGB", (80, 80), BLUE)]
    file = save_image(
        pages[0], tmp_path / "scan", "TIFF", save_all=True, append_images=pages[1:], compression=compression
    )

    assert count_pages(file, MediaType.TIFF) == 3
    rendered = [render_page(file, MediaType.TIFF, index) for index in range(3)]
    assert [opened(page).size for page in rendered] == [page.size for page in pages]
    assert [corner_colours(page)[0] for page in rendered] == [RED, GREEN, BLUE]


def test_a_fax_of_several_pages_can_be_read(tmp_path: Path) -> None:
    page = Image.new("1", (1728, 1100), 1)
    page.paste(0, (0, 0, 800, 1100))
    file = save_image(page, tmp_path / "fax", "TIFF", save_all=True, append_images=[page], compression="group4")

    assert count_pages(file, MediaType.TIFF) == 2
    assert [opened(render_page(file, MediaType.TIFF, 1)).getpixel((x, 20)) for x in (5, 1700)] == [0, 255]


def test_a_smaller_copy_within_a_tiff_is_no_page(tmp_path: Path) -> None:
    copy, kind_of_image = Image.new("RGB", (10, 10), "black"), 254
    copy.encoderinfo = {"tiffinfo": {kind_of_image: 1}}
    file = save_image(four_corners(), tmp_path / "scan", "TIFF", save_all=True, append_images=[copy, four_corners()])

    assert count_pages(file, MediaType.TIFF) == 2
    assert corner_colours(render_page(file, MediaType.TIFF, 1)) == UPRIGHT


@pytest.mark.parametrize(
    ("size", "max_pixels"),
    [
        ((20_000, 60), 4_000_000),
        ((60, 20_000), 4_000_000),
        ((1, 5000), 4_000_000),
        ((5000, 1), 10_000),
        ((30, 30), 4_000_000),
    ],
)
def test_no_page_is_sent_that_is_narrower_or_longer_than_models_take(
    tmp_path: Path, size: tuple[int, int], max_pixels: int
) -> None:
    """A page at the ratio of 200 kills the model's runner, and with it all requests that it works on."""
    image = Image.new("RGB", size, RED)
    page = opened(render_page(save_image(image, tmp_path / "strip", "PNG"), MediaType.PNG, 0, max_pixels=max_pixels))

    assert max(page.size) <= 20 * min(page.size)
    assert min(page.size) >= 64
    assert page.width * page.height <= max_pixels
    assert page.getpixel((0, 0)) == RED
    assert page.getpixel((page.width - 1, page.height - 1)) == (255, 255, 255)
