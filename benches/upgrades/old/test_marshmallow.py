from marshmallow import Schema, fields, post_load, pre_load


class UserSchema(Schema):
    name = fields.Str(missing="a")
    kind = fields.Str(default="x")


def test_load():
    assert UserSchema().load({}) == {"name": "a"}
