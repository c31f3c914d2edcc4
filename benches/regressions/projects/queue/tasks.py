"""A queue of tasks with priorities and retries."""


class Task:
    def __init__(self, name, priority=0, retries=2):
        self.name = name
        self.priority = priority
        self.retries = retries
        self.state = "waiting"
        self.attempts = 0


class Queue:
    def __init__(self, capacity=10):
        self.capacity = capacity
        self.tasks = []
        self.done = []

    def push(self, task):
        if len(self.tasks) >= self.capacity:
            raise OverflowError("queue is full")
        self.tasks.append(task)
        self.tasks.sort(key=lambda task: -task.priority)
        return len(self.tasks)

    def pop(self):
        if not self.tasks:
            return None
        task = self.tasks.pop(0)
        task.state = "running"
        return task

    def run(self, work):
        while self.tasks:
            task = self.pop()
            task.attempts += 1
            try:
                work(task)
            except RuntimeError:
                if task.attempts <= task.retries:
                    task.state = "waiting"
                    self.tasks.append(task)
                else:
                    task.state = "failed"
                continue
            task.state = "done"
            self.done.append(task.name)
        return self.done

    def stats(self):
        return {"waiting": len(self.tasks), "done": len(self.done)}
