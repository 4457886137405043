"""The JUnit reports that the tests of `recipe::report` hold as snapshots follow the schema of their readers."""

import pathlib
import xml.etree.ElementTree as xml

import xmlschema

HERE = pathlib.Path(__file__).parent
SNAPSHOTS = HERE.parent.parent / "src/recipe/report/snapshots"


def main():
    schema = xmlschema.XMLSchema(HERE / "junit.xsd")
    reports = sorted(SNAPSHOTS.glob("*.junit.snap"))
    assert reports, f"no reports in {SNAPSHOTS}"
    for path in reports:
        # What stands before is the snapshot's own.
        text = path.read_text(encoding="utf-8").split("\n---\n", 1)[1]
        schema.validate(text)
        root = xml.fromstring(text)
        for suite in root.iter("testsuite"):
            cases = suite.findall("testcase")
            for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
                assert int(suite.get(name)) == sum(case.find(tag) is not None for case in cases), (path.name, name)
            assert int(suite.get("tests")) == len(cases), path.name
        for name in ("tests", "failures", "errors"):
            assert int(root.get(name)) == sum(int(suite.get(name)) for suite in root), (path.name, name)
        print(f"ok: {path.name}, {root.get('tests')} tests")
    broken = text.replace('time="', 'time="-', 1)
    assert not schema.is_valid(broken), "the schema takes everything"


main()
