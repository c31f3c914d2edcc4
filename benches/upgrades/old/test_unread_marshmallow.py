import marshmallow
import pytest
from marshmallow import Schema, ValidationError, fields, post_dump, post_load, validates, validates_schema


def test_load_from():
    class User(Schema):
        name = fields.Str(load_from="Name")

    assert User().load({"Name": "a"}) == {"name": "a"}


def test_dump_to():
    class User(Schema):
        name = fields.Str(dump_to="Name")

    assert User().dump({"name": "a"}) == {"Name": "a"}


def test_post_load():
    class User(Schema):
        name = fields.Str()

        @post_load
        def make(self, data):
            return data["name"]

    assert User().load({"name": "a"}) == "a"


def test_validates():
    class User(Schema):
        name = fields.Str()

        @validates("name")
        def check(self, value):
            if not value:
                raise ValidationError("no")

    with pytest.raises(ValidationError):
        User().load({"name": ""})


def test_bool_validator():
    class User(Schema):
        name = fields.Str(validate=lambda value: len(value) > 1)

    with pytest.raises(ValidationError):
        User().load({"name": "a"})


def test_metadata():
    assert fields.Str(description="a").metadata == {"description": "a"}


def test_fail():
    class Even(fields.Integer):
        default_error_messages = {"odd": "odd"}

        def _deserialize(self, value, attr, data, **kwargs):
            if value % 2:
                self.fail("odd")
            return value

    with pytest.raises(ValidationError):
        Even().deserialize(1)


def test_field_names():
    with pytest.raises(ValidationError) as info:
        raise ValidationError("no", field_names=["a"])
    assert info.value.field_name == ["a"]


def test_dateformat():
    class User(Schema):
        day = fields.DateTime(required=True)

        class Meta:
            dateformat = "%Y"

    assert User().load({"day": "2020"})["day"].year == 2020


def test_version():
    assert marshmallow.__version__


def test_pprint():
    assert marshmallow.pprint


def test_number():
    assert fields.Number().deserialize("1") == 1


def test_from_iso():
    from marshmallow.utils import from_iso_date
    assert from_iso_date("2020-01-01").year == 2020
