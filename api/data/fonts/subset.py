"""Cuts the fonts of the forms from Debian's packages fonts-wqy-microhei and fonts-noto-cjk (pip install fonttools):
python3 subset.py wqy-microhei.ttc NotoSansCJK-Regular.ttc"""

import sys

from fontTools import subset
from fontTools.ttLib import TTFont

# Chinese characters that one code point names: extension A, GBK and what was added to it, compatibility, the planes.
CHINESE = [(0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF)]
# Latin with its marks, punctuation, and full-width forms; what else GB 2312 has is added.
OTHERS = [(0x20, 0x7E), (0xA0, 0x17F), (0x2010, 0x203B), (0x2600, 0x2642), (0x3000, 0x303F), (0xFF01, 0xFF5E)]


def spread(ranges):
    return {code for low, high in ranges for code in range(low, high + 1)}


def gb2312():
    for high in range(0xA1, 0xF8):
        for low in range(0xA1, 0xFF):
            try:
                yield ord(bytes([high, low]).decode("gb2312"))
            except UnicodeDecodeError:
                pass


def cut(font, wanted, name, target):
    options = subset.Options()
    options.layout_features = []
    options.hinting = False
    options.notdef_outline = True
    options.glyph_names = False
    options.drop_tables += ["BASE", "DSIG", "GDEF", "GPOS", "GSUB", "VORG", "vhea", "vmtx"]
    options.name_IDs = [0, 1, 2, 4, 6, 13, 14]
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=wanted)
    cutter.subset(font)
    # What was cut is another font, and says so.
    for number, text in ((1, name), (4, name), (6, name.replace(" ", ""))):
        for record in [record for record in font["name"].names if record.nameID == number]:
            record.string = text
    font.save(target)
    print(target, len(font.getBestCmap()), "characters")


def main(han, rare):
    # Each collection has the font that is meant at the place of its number: Micro Hei first, Noto Sans CJK SC third.
    han, rare = TTFont(han, fontNumber=0), TTFont(rare, fontNumber=2)
    assert rare["name"].getDebugName(4) == "Noto Sans CJK SC"
    known = set(han.getBestCmap())
    wanted = (spread(CHINESE) | spread(OTHERS) | set(gb2312())) & known
    cut(han, wanted, "Kiteline Han", "han.ttf")
    cut(rare, (spread(CHINESE) | spread(OTHERS)) & set(rare.getBestCmap()) - known, "Kiteline Rare", "rare.otf")


main(*sys.argv[1:])
