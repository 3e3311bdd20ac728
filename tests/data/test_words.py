"""Words of texts of many scripts: marks belong to their word, nothing is lost, the rule of old models stays."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnncli.data.words import MARKED, PLAIN, combines, cutter, inside
from rnncli.readers.text_codes import code_texts

#: texts whose words are what stands between blanks
BY_BLANKS = {
    "Hindi": "यह फ़िल्म बहुत अच्छी थी",
    "Thai": "น้ำ ที่ ผู้ใหญ่ กำลัง",
    "Arabic, harakat": "كِتَابٌ جَدِيدٌ هُنَا",
    "Hebrew, niqqud": "שָׁלוֹם עֲלֵיכֶם",
    "Vietnamese, decomposed": unicodedata.normalize("NFD", "một bộ phim rất hay và cảm động"),
    "Latin, decomposed": unicodedata.normalize("NFD", "Ängstlich naïve señor Ōsaka"),
    "Korean, jamo": unicodedata.normalize("NFD", "한국어 영화는 정말"),
    "Persian, with non-joiners": "می\u200cخواهم خانه\u200cها",
    "Sinhala, with a joiner": "ශ්\u200dරී ලංකා",
    "Tamil": "தமிழ் மொழி",
    "Burmese": "မြန်မာ စာ",
    "a soft hyphen": "Donau\u00addampf schiff",
    "German": "Äpfel größer 2024 snake_case",
}

#: the words of other texts, by hand
BY_HAND = {
    "don't, e-mail!": ["don", "'", "t", ",", "e", "-", "mail", "!"],
    "अच्छी।": ["अच्छी", "।"],
    "שָׁלוֹם, עולם": ["שָׁלוֹם", ",", "עולם"],
    "I ❤\ufe0f it": ["I", "❤\ufe0f", "it"],
    "👩\u200d👧 go": ["👩\u200d👧", "go"],
    "👩👧": ["👩", "👧"],
    "👩🏽\u200d💻👍🏿 ok": ["👩🏽\u200d💻", "👍🏿", "ok"],
    "🇩🇪🇫🇷 EU": ["🇩🇪", "🇫🇷", "EU"],
    "🏴\U000e0067\U000e0062\U000e007f.": ["🏴\U000e0067\U000e0062\U000e007f", "."],
    "zero\u200bwidth": ["zero", "\u200b", "width"],
    "1\ufe0f\u20e3": ["1\ufe0f\u20e3"],
    "\u0301a": ["\u0301", "a"],
    "日本語、です": ["日本語", "、", "です"],
    "": [],
    " \u3000\t": [],
}

scripts = st.text(st.characters(max_codepoint=0x11FFF, exclude_categories=("Cs",)), max_size=30)
mixed = st.lists(st.sampled_from("ab é़ि\u0301\u200d\u200c❤\ufe0f🏽🇩🇪.,-5 \n"), max_size=20).map("".join)


@pytest.mark.parametrize("text", BY_BLANKS.values(), ids=BY_BLANKS)
def test_marks_belong_to_their_word(text):
    assert cutter([text])(text) == text.split()
    assert cutter([text, "plain", "शब्द"])(text) == text.split()


@pytest.mark.parametrize(("text", "words"), BY_HAND.items())
def test_marks_of_punctuation_are_words(text, words):
    assert cutter([text])(text) == words


@given(st.one_of(scripts, mixed))
def test_nothing_is_lost_and_no_word_begins_with_a_mark(text):
    words = cutter([text])(text)
    assert "".join(words) == "".join(text.split())
    at = 0
    for word in words:
        at = text.index(word, at)
        assert not combines(word[0]) or at == 0 or text[at - 1].isspace()
        at += len(word)
    composed = unicodedata.normalize("NFC", text)
    if all(unicodedata.normalize("NFD", c) == c or c.isalpha() for c in composed):
        assert len(cutter([composed])(composed)) == len(cutter([text])(text))


@given(scripts)
def test_without_marks_words_are_cut_as_ever(text):
    text = "".join(c for c in text if not combines(c))
    assert cutter([text])(text) == cutter([text], PLAIN)(text)


def test_models_of_before_cut_as_they_were_trained():
    text = " थी "
    assert cutter([text], PLAIN)(text) == ["थ", "ी"]
    assert inside([text], PLAIN) == [text]
    assert code_texts([text], "char", PLAIN)[0].texts() == list(text)


@pytest.mark.parametrize("tokens", ["char", "word", "byte"])
def test_blanks_around_a_text_are_no_part_of_it(tokens):
    for rule in (MARKED,):
        padded, _ = code_texts(["  ab c\t", "\u3000", "d"], tokens, rule)
        bare, _ = code_texts(["ab c", "", "d"], tokens, rule)
        assert padded.texts() == bare.texts()
