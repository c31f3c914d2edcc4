import pytest

from tasks import Queue, Task


def test_higher_priorities_come_first():
    queue = Queue()
    queue.push(Task("low"))
    queue.push(Task("high", priority=5))
    assert queue.pop().name == "high"


def test_equal_priorities_keep_their_order():
    queue = Queue()
    for name in ["a", "b", "c"]:
        queue.push(Task(name))
    assert [task.name for task in queue.tasks] == ["a", "b", "c"]


def test_push_tells_the_length():
    queue = Queue()
    assert queue.push(Task("a")) == 1
    assert queue.push(Task("b")) == 2


def test_a_full_queue_refuses():
    queue = Queue(capacity=1)
    queue.push(Task("a"))
    with pytest.raises(OverflowError, match="queue is full"):
        queue.push(Task("b"))


def test_an_empty_queue_has_nothing():
    assert Queue().pop() is None


def test_states():
    queue = Queue()
    task = Task("a")
    assert task.state == "waiting"
    queue.push(task)
    assert queue.pop().state == "running"


def test_run_does_everything():
    queue = Queue()
    queue.push(Task("a"))
    queue.push(Task("b"))
    assert queue.run(lambda task: None) == ["a", "b"]
    assert queue.stats() == {"waiting": 0, "done": 2}


def test_a_failing_task_is_tried_three_times():
    queue = Queue()
    task = Task("a")
    queue.push(task)

    def fail(task):
        raise RuntimeError("no")

    assert queue.run(fail) == []
    assert task.attempts == 3
    assert task.state == "failed"


def test_a_task_that_works_the_second_time_is_done():
    queue = Queue()
    task = Task("a")
    queue.push(task)

    def once(task):
        if task.attempts == 1:
            raise RuntimeError("not yet")

    assert queue.run(once) == ["a"]
    assert task.state == "done"
