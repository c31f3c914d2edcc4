import boto3
from moto import mock_s3


@mock_s3
def test_bucket():
    client = boto3.client("s3", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
    client.create_bucket(Bucket="a")
    assert client.list_buckets()["Buckets"][0]["Name"] == "a"


def test_with():
    with mock_s3():
        client = boto3.client("s3", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
        assert client.list_buckets()["Buckets"] == []
