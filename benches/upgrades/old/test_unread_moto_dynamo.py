import boto3
import pytest
from moto import mock_dynamodb2, mock_sqs


@pytest.fixture
def client():
    with mock_dynamodb2():
        yield boto3.client("dynamodb", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b")


def test_tables(client):
    assert client.list_tables()["TableNames"] == []


@mock_sqs
def test_queues():
    client = boto3.client("sqs", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
    assert "QueueUrls" not in client.list_queues()
