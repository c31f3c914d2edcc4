from flask import Flask, escape


def test_escape():
    assert escape("<") == "&lt;"
