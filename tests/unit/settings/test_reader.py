"""The form of the file: values, comments, braces, and mistakes that are placed exactly."""

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lapilli.settings.reader import Reading, Remark, read

DATA = Path(__file__).parent / "data"


def values(text: str) -> list[str]:
    reading = read(f"[DEFAULT]\n{text}", "cinder.conf")
    assert reading.problems == []
    return [entry.value for entry in reading.entries]


def problems(text: str) -> list[tuple[int, str]]:
    return [(problem.line, problem.message) for problem in read(text, "cinder.conf").problems]


def seed(name: str) -> Reading:
    return read((DATA / name).read_text(), name)


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("name=value", "value"),
        ("name = value", "value"),
        ("name: value", "value"),
        ("name : http://host:80/?a=b", "http://host:80/?a=b"),
        ("name =", ""),
        ("name = value # why", "value"),
        ("name = value #why", "value"),
        ("name = value; still", "value; still"),
        ("name = # why", ""),
        ("name = #fff", "#fff"),
        ("name = a#b", "a#b"),
        ('name = "a # b" # why', "a # b"),
        ("name = 'a # b'", "a # b"),
        ("name = it's # don't", "it's"),
        ('name = "a" and "b"', '"a" and "b"'),
        ('name = "unclosed', '"unclosed'),
        ("name = ******", "******"),
        ("name = volume.size == 1 and capabilities.free_gb >= 3", "volume.size == 1 and capabilities.free_gb >= 3"),
        ("name = [user_id=%(user)s project_id=%(project)s]", "[user_id=%(user)s project_id=%(project)s]"),
        ("name = -o vers=3", "-o vers=3"),
        ('name = "a some_name = b"', "a some_name = b"),
        ("name = value\r", "value"),
    ],
)
def test_a_line_gives_its_value(line: str, value: str) -> None:
    """Signs, blanks, quotes and inline comments around a value are not part of it."""
    assert values(line) == [value]


def test_indented_lines_continue_a_value_until_a_blank_line() -> None:
    """Lists and formulas may be written over several lines, with comments between and behind."""
    assert values("a = 1, # one\n  2,\n  # three\n\t3\n\nb = 4\n") == ["1,\n2,\n3", "4"]


def test_a_repeated_option_gives_an_entry_each_time() -> None:
    """Whether repetitions add up is for the option to say, not for the reader."""
    assert values("a = 1\na = 2") == ["1", "2"]


def test_comment_lines_empty_sections_and_a_byte_order_mark_are_accepted() -> None:
    """What editors and packagers leave in files does no harm."""
    reading = read("\ufeff# first\n; second\n[DEFAULT] # here\n  # indented\n[ lvm1 ]\n", "cinder.conf")
    assert (reading.sections, reading.entries, reading.problems) == ({"DEFAULT", "lvm1"}, [], [])


def test_entries_know_their_file_section_and_line() -> None:
    """A value over several lines stands where it begins."""
    entries = read("[a]\n\nx = {\n}\n[b]\ny = 2", "cinder.conf").entries
    assert [(each.section, each.name, each.where) for each in entries] == [
        ("a", "x", "cinder.conf:3"),
        ("b", "y", "cinder.conf:6"),
    ]


def test_inline_comments_of_the_second_seed_are_no_part_of_the_name() -> None:
    """H1, B004: `pure_performance # Same name` is `pure_performance`."""
    reading = seed("three_arrays.conf")
    names = [each.value for each in reading.entries if each.name == "volume_backend_name"]
    assert (names, reading.problems) == (["pure_performance"] * 3, [])


def test_braces_of_the_second_seed_go_over_unindented_lines() -> None:
    """H2, B009: the braced value ends at its closing brace, and the next option is read."""
    reading = seed("three_arrays.conf")
    braced = [each.value for each in reading.entries if each.name == "extra_capabilities"]
    assert len(braced) == 3
    assert all(value.startswith("{\n") and value.endswith('"max_volume_size_gb": 8000\n}') for value in braced)
    assert reading.sections == {"flasharray_x_01", "flasharray_x_02", "flasharray_x_03"}


def test_braces_inside_strings_and_comments_inside_braces_do_not_count() -> None:
    """Only braces outside strings and comments open and close."""
    assert values('a = {"b": "}{", # }\n# {\n"c": {"d": 1}}\ne = 2') == ['{"b": "}{",\n\n"c": {"d": 1}}', "2"]


def test_three_options_on_one_line_are_one_problem_with_a_proposal() -> None:
    """H3, B018: the damaged line is named, and the three lines that were meant are proposed."""
    reading = seed("two_zones.conf")
    assert [problem.line for problem in reading.problems] == [14]
    message = reading.problems[0].message
    assert '"backend_availability_zone =", "san_ip =" found inside the value of volume_backend_name' in message
    assert message.endswith(
        "did you mean 3 lines?\n    volume_backend_name = pure_performance\n"
        "    backend_availability_zone = dc2\n    san_ip = 10.2.0.10"
    )


def test_the_pieces_of_a_damaged_line_are_kept() -> None:
    """Nothing is reported as missing that merely stands on the wrong line."""
    damaged = [each for each in seed("two_zones.conf").entries if each.section == "flasharray_x_dc2_01"]
    assert {each.name: each.value for each in damaged} == {
        "volume_backend_name": "pure_performance",
        "backend_availability_zone": "dc2",
        "san_ip": "10.2.0.10",
    }


def test_a_proposal_shows_no_secret() -> None:
    """The value of a token on a damaged line is not printed."""
    ((_, message),) = problems("[a]\npure_api_token = abc123 san_ip = 10.0.0.1")
    assert "abc123" not in message
    assert "pure_api_token = ***" in message


@pytest.mark.parametrize("name", ["growth.conf", "growth_in_zones.conf"])
def test_trailing_comments_of_the_growth_stanzas_are_tolerated(name: str) -> None:
    """B019: `# ... config` may stand behind a value and on a line of its own."""
    reading = seed(name)
    assert (len(reading.sections), reading.problems) == (4, [])
    assert {each.value for each in reading.entries} <= {"pure_performance", "dc1", "dc2"}


def test_an_indented_option_below_another_is_reported() -> None:
    """It would silently become part of the value above it."""
    ((line, message),) = problems("[a]\nb_one = 1\n  c_two = 2\n")
    assert line == 2
    assert '"c_two =" found inside the value of b_one' in message


def test_a_brace_that_is_never_closed_is_placed_where_it_opens() -> None:
    """The sections behind it are read all the same, so that their mistakes are found as well."""
    reading = read('[a]\nx = {\n"y": 1\n[b]\nz = 2\nno sign\n', "f")
    assert reading.problems == [
        Remark("f", 2, "x: the brace opened here is not closed by line 3"),
        Remark("f", 6, "the line is neither `name = value` nor [section] nor a # comment"),
    ]
    assert [(each.section, each.name) for each in reading.entries] == [("b", "z")]


@pytest.mark.parametrize("text", ["[a", "[]", "[a] b", "[a\n[b]]"])
def test_a_broken_section_line_is_a_problem(text: str) -> None:
    """Options below it must not slip into the section above it."""
    assert problems(text)[0] == (1, "a section is written [name], on a line of its own")


@pytest.mark.parametrize(
    ("text", "line", "part"),
    [
        ("a = 1\n[b]", 1, "before the first [section]"),
        ("[a]\n  b = 1", 2, "indented"),
        ("[a]\n= 1", 2, "neither"),
        ("[a]\ntwo words = 1", 2, "neither"),
        ('[a]\n"x": 1,', 2, "neither"),
        ("[a]\nb = {", 2, "not closed"),
    ],
)
def test_a_line_without_meaning_is_a_problem_at_its_line(text: str, line: int, part: str) -> None:
    """Nothing is skipped in silence."""
    ((found, message),) = problems(text)
    assert (found, part in message) == (line, True)


def test_a_password_that_a_comment_cuts_gets_a_notice() -> None:
    """A password may hold ` #`; it says so instead of failing to log in."""
    reading = read("[a]\nsan_password = one #two\nsan_ip = 10.0.0.1 # here", "f")
    assert [(notice.line, "quotes" in notice.message) for notice in reading.notices] == [(2, True)]


@given(st.text() | st.text(alphabet="ab_=: #;{}[]\"'\\$\n\t"))
def test_any_text_is_read(text: str) -> None:
    """The reader never raises, and what it finds stands within the file."""
    reading = read(text, "f")
    found = [each.line for each in (*reading.problems, *reading.notices)] + [each.line for each in reading.entries]
    assert all(1 <= line <= text.count("\n") + 1 for line in found)


def test_long_hostile_lines_are_read_in_linear_time() -> None:
    """No line makes the patterns go back and forth."""
    size = 100_000
    started_at = time.process_time()
    for part in ("a_", "{", '"', " ", " a", "a =", "\\", "'", " #"):
        read(f"[a]\nx = {part * size}", "f")
    assert time.process_time() - started_at < 5
