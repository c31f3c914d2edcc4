//! The editor's process: when it is gone, so are we.

use std::time::Duration;

const EVERY: Duration = Duration::from_secs(2);

/// Ends this process once the process `id` is gone. Where a process cannot be watched (or was never
/// there: another container, a remote client) nothing happens; the end of stdin ends us too.
pub fn watch(id: u32) {
    if !lives(id) {
        return;
    }
    let watcher = std::thread::Builder::new().name("medic-parent".to_string());
    let spawned = watcher.spawn(move || {
        while lives(id) {
            std::thread::sleep(EVERY);
        }
        std::process::exit(1);
    });
    drop(spawned);
}

/// Linux: a process is gone when /proc has no entry, or only that of a zombie (`proc(5)`: the state follows
/// the name's closing parenthesis).
#[cfg(target_os = "linux")]
fn lives(id: u32) -> bool {
    let Ok(stat) = std::fs::read_to_string(format!("/proc/{id}/stat")) else { return false };
    !stat.rsplit_once(')').is_some_and(|(_, rest)| rest.trim_start().starts_with(['Z', 'X']))
}

#[cfg(all(unix, not(target_os = "linux")))]
fn lives(id: u32) -> bool {
    let mut probe = std::process::Command::new("kill");
    probe.args(["-0", &id.to_string()]).stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
    probe.status().is_ok_and(|status| status.success())
}

#[cfg(not(unix))]
fn lives(_id: u32) -> bool {
    false
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    #[test]
    fn a_process_that_has_ended_does_not_live() {
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let id = child.id();
        child.wait().unwrap();
        assert!(!super::lives(id));
        assert!(super::lives(std::process::id()));
    }
}
