"""Runs test cases and prints their results as the Test Anything Protocol, one line a test and its traceback as comments."""

import unittest


class TapResult(unittest.TestResult):
    """One line as soon as a test is over; a test of several errors is told once, with the first."""

    def __init__(self):
        super().__init__()
        self.told = 0
        self.failed = None

    def _tell(self, verdict, test, comment, directive=""):
        self.told += 1
        # What fails before or after a whole class is no test case, but has a name.
        name = str(test)
        if isinstance(test, unittest.TestCase):
            words = test.id().rsplit(".", 1)[-1].removeprefix("test_").replace("_", " ")
            name = f"{type(test).__name__}: {words}"
        print(f"{verdict} {self.told} - {name}{directive}", flush=True)
        for line in comment.splitlines():
            print(f"# {line}", flush=True)

    def _fail(self, test, error):
        if self.failed is not test:
            self.failed = test
            self._tell("not ok", test, self._exc_info_to_string(error, test))

    def addSuccess(self, test):
        super().addSuccess(test)
        self._tell("ok", test, "")

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._fail(test, err)

    def addError(self, test, err):
        super().addError(test, err)
        self._fail(test, err)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self._tell("ok", test, "", f" # SKIP {reason}")


def run(module, names):
    """Runs the named tests of a module, or all of them; the exit code."""
    loader = unittest.defaultTestLoader
    suite = loader.loadTestsFromNames(names, module) if names else loader.loadTestsFromModule(module)
    result = TapResult()
    suite.run(result)
    print(f"1..{result.told}", flush=True)
    return 0 if result.wasSuccessful() and result.testsRun else 1
