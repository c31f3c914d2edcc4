;;; pytest-medic.el --- Failing pytest tests, healed through eglot  -*- lexical-binding: t -*-

;;; Commentary:

;; (load "/path/to/the/checkout/editors/emacs/pytest-medic.el"), then M-x eglot in a Python test.  Eglot's own commands
;; do the rest: `eglot-code-actions' heals, `eldoc' explains, `flymake-goto-next-error' walks the failures.
;; Needs Emacs 28 with eglot 1.9, or Emacs 29 and later.

;;; Code:

(require 'eglot)

(defgroup pytest-medic nil "Failing pytest tests, shown and healed." :group 'tools)

(defcustom pytest-medic-command '("pytest-medic" "server")
  "The server and its arguments."
  :type '(repeat string))

(add-to-list 'eglot-server-programs
             `((python-mode python-ts-mode) . ,(lambda (&rest _) pytest-medic-command)))

(defun pytest-medic--run (command all)
  "Run COMMAND of the server on this buffer's file, or on ALL tests."
  (save-some-buffers)
  (let ((argument (if all
                      (list :uri (eglot--path-to-uri default-directory))
                    (list :uri (eglot--path-to-uri buffer-file-name) :tests (vector buffer-file-name)))))
    (jsonrpc-request (or (eglot-current-server) (user-error "No server here: M-x eglot"))
                     :workspace/executeCommand
                     (list :command command :arguments (vector argument)))))

(defun pytest-medic-run (all)
  "Run the tests of this file, or ALL with a prefix argument."
  (interactive "P")
  (pytest-medic--run "pytest-medic.run" all))

(defun pytest-medic-run-and-heal (all)
  "Run the tests of this file, or ALL with a prefix argument, heal them and run them again."
  (interactive "P")
  (pytest-medic--run "pytest-medic.runAndHeal" all))

(provide 'pytest-medic)
;;; pytest-medic.el ends here
