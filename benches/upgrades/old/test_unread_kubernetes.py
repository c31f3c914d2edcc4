from kubernetes import client


def test_batch():
    assert client.BatchV1beta1Api()


def test_policy():
    assert client.PolicyV1beta1Api()


def test_budget():
    assert client.V1beta1PodDisruptionBudget()


def test_event():
    assert client.V1ObjectReference() and client.V1Event


def test_ingress():
    assert client.NetworkingV1beta1Ingress(api_version="v1")


def test_apps():
    assert client.AppsV1beta1Api()


def test_rbac():
    assert client.RbacAuthorizationV1beta1Api()


def test_scaler():
    assert client.AutoscalingV2beta2Api()
