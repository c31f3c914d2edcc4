import yaml
import jsonschema
import kubernetes


def test_yaml():
    assert yaml.load("a: 1") == {"a": 1}


def test_k8s():
    assert kubernetes.client.ExtensionsV1beta1Api


def test_k8s2():
    assert kubernetes.client.V1beta1CronJob
