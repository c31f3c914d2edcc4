;;; emacs.el --- Proves ../emacs/pytest-medic.el in a real batch Emacs  -*- lexical-binding: t -*-

;;   emacs -q --batch -l emacs.el PYTEST-MEDIC          PYTHON names an interpreter with pytest
;;
;; Prints one line a check, then 'N passed, N failed'; exits 1 when a check failed.

;;; Code:

(package-initialize)
(require 'flymake)
(require 'python)
(require 'seq)

(defvar medic-here (file-name-directory load-file-name))
(load (concat medic-here "../emacs/pytest-medic.el") nil t)

(defvar medic-passed 0)
(defvar medic-failed 0)

(defmacro medic-check (name &rest body)
  "Run BODY as the check NAME and count its outcome."
  (declare (indent 1))
  `(condition-case problem
       (let ((said (progn ,@body)))
         (setq medic-passed (1+ medic-passed))
         (princ (format "ok    %s%s\n" ,name (if (stringp said) (concat ": " said) ""))))
     (error (setq medic-failed (1+ medic-failed))
            (princ (format "FAIL  %s: %S\n" ,name problem)))))

(defun medic-until (what probe)
  "Wait until PROBE gives non-nil, and give that back; WHAT is for the message."
  (let ((deadline (+ (float-time) 30)) found)
    (while (not (setq found (funcall probe)))
      (when (> (float-time) deadline) (error "Timed out waiting for %s" what))
      (accept-process-output nil 0.05))
    found))

(defun medic-failures ()
  "What stands under each failure that is shown, in order."
  (flymake-start)
  (mapcar (lambda (it) (buffer-substring-no-properties (flymake-diagnostic-beg it) (flymake-diagnostic-end it)))
          (seq-sort-by #'flymake-diagnostic-beg #'< (flymake-diagnostics))))

(defun medic-holds (text)
  "Whether TEXT is in the buffer."
  (save-excursion (goto-char (point-min)) (search-forward text nil t)))

(let* ((folder (file-name-as-directory (make-temp-file "shop" t)))
       (eglot-autoshutdown t)
       (eglot-confirm-server-initiated-edits nil)
       (flymake-no-changes-timeout 0.1)
       (create-lockfiles nil)
       (make-backup-files nil))
  (unless (zerop (call-process (concat medic-here "scene.sh") nil nil nil folder)) (error "No project"))
  (process-file "git" nil nil nil "-C" folder "init" "-q") ; project.el finds the root by it
  (setenv "PATH" (concat (file-name-directory (getenv "PYTHON")) path-separator (getenv "PATH")))
  (setq pytest-medic-command (list (car command-line-args-left) "server")
        command-line-args-left nil)
  (find-file (concat folder "tests/test_cart.py"))
  (python-mode)

  (medic-check "the server starts"
    (apply #'eglot (eglot--guess-contact))
    (medic-until "the connection" #'eglot-current-server)
    (format "Emacs %s" emacs-version))

  (medic-check "each failure shows once, at its exact place"
    (medic-until "two failures"
                 (lambda () (equal (medic-failures) '("totals" "cart.discounted(percent=10) == 180")))))

  (medic-check "the healed code is offered and applied"
    (goto-char (- (medic-holds "cart.totals") 3))
    (let* ((actions (eglot-code-actions (point) (point) "quickfix"))
           (action (seq-find (lambda (it) (string-match-p "`total`" (plist-get it :title))) actions)))
      (unless action (error "No such action in %S" actions))
      (eglot--apply-workspace-edit
       (plist-get (if (plist-get action :edit) action
                    (jsonrpc-request (eglot--current-server-or-lose) :codeAction/resolve action))
                  :edit))
      (unless (medic-holds "    assert cart.total() == 8\n") (error "The line is not healed"))
      (plist-get action :title)))

  (medic-check "a real run heals the same line again, and leaves the bug of the product alone"
    (unless (medic-holds "cart.totals()") (goto-char (medic-holds "cart.total(")) (backward-char) (insert "s"))
    (save-buffer)
    (pytest-medic-run-and-heal nil)
    (medic-until "the healed line" (lambda () (medic-holds "    assert cart.total() == 8\n")))
    (unless (medic-holds "    assert cart.discounted(percent=10) == 180") (error "The bug's assertion was changed")))

  (medic-check "the server stops"
    (eglot-shutdown (eglot-current-server)))

  (set-buffer-modified-p nil)
  (delete-directory folder t))

(princ (format "%d passed, %d failed\n" medic-passed medic-failed))
(kill-emacs (if (and (zerop medic-failed) (> medic-passed 0)) 0 1))
;;; emacs.el ends here
