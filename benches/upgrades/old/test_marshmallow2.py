from marshmallow import Schema, fields


class UserSchema(Schema):
    name = fields.Str(load_default="a")


def test_strict():
    assert UserSchema(strict=True).load({}) == {"name": "a"}


def test_data():
    assert UserSchema().load({}).data == {"name": "a"}


def test_context():
    assert UserSchema(context={"a": 1}).context == {"a": 1}
