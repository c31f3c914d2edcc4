//! Ctrl-C: the run and its children end, what was not proven is taken back, and the summary is printed.

use crate::validation::runner::Cancel;

/// Set at the first Ctrl-C (or SIGTERM). The runner's processes are in a group of their own, which a
/// terminal's Ctrl-C does not reach. A second one ends the program at once.
pub fn cancel_on_interrupt() -> Cancel {
    let cancel = Cancel::default();
    let heard = cancel.clone();
    let listen = move || {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
        runtime.block_on(async {
            interrupted().await;
            heard.cancel();
            interrupted().await;
            std::process::exit(130);
        });
    };
    // Without the thread Ctrl-C ends the program as usual.
    let _ = std::thread::Builder::new().name("interrupt".to_string()).spawn(listen);
    cancel
}

#[cfg(unix)]
async fn interrupted() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
        }
        Err(_) => drop(tokio::signal::ctrl_c().await),
    }
}

#[cfg(not(unix))]
async fn interrupted() {
    drop(tokio::signal::ctrl_c().await);
}
