//! The way in: what changes the state is applied here, synchronously and in wire order; every request gets
//! the world of its moment.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};

use futures::FutureExt;
use futures::future::{BoxFuture, ready};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tower::Service;
use tower_lsp::ExitedError;
use tower_lsp::jsonrpc::{Error, Id, Request, Response};
use tower_lsp::ls_types::{InitializeParams, MessageType};

use super::world::World;
use super::{Server, notifications};

tokio::task_local! {
    static WORLD: Arc<World>;
}

/// The world as it was when the request that is being handled came in.
pub fn world() -> Arc<World> {
    WORLD.with(Arc::clone)
}

/// Our service around the framework's.
pub struct Ingress<S> {
    server: Arc<Server>,
    inner: S,
}

type Answer = Result<Option<Response>, ExitedError>;

impl<S> Ingress<S> {
    /// Puts itself before `inner`.
    pub fn new(server: Arc<Server>, inner: S) -> Self {
        Self { server, inner }
    }
}

impl<S> Service<Request> for Ingress<S>
where
    S: Service<Request, Response = Option<Response>, Error = ExitedError>,
    S::Future: Send + 'static,
{
    type Response = Option<Response>;
    type Error = ExitedError;
    type Future = BoxFuture<'static, Answer>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), ExitedError>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let id = request.id().cloned();
        // The server's state stays whole in a panic: `Session` swaps it in one step.
        let called = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| self.route(request)));
        called.unwrap_or_else(|_| ready(Ok(id.map(internal_error))).boxed())
    }
}

impl<S> Ingress<S>
where
    S: Service<Request, Response = Option<Response>, Error = ExitedError>,
    S::Future: Send + 'static,
{
    fn route(&mut self, request: Request) -> BoxFuture<'static, Answer> {
        if request.id().is_none() && self.apply(&request) {
            return ready(Ok(None)).boxed();
        }
        match request.method() {
            "initialize" => self.initialize(&request),
            "shutdown" if self.server.initialized.load(Ordering::SeqCst) => {
                self.server.shut_down.store(true, Ordering::SeqCst);
            }
            _ => {}
        }
        let id = request.id().cloned();
        let answer = WORLD.scope(self.server.world(), self.inner.call(request));
        let answer = std::panic::AssertUnwindSafe(answer).catch_unwind();
        answer.map(|result| result.unwrap_or_else(|_| Ok(id.map(internal_error)))).boxed()
    }

    fn initialize(&self, request: &Request) {
        let params = request.params().cloned().map(serde_json::from_value::<InitializeParams>);
        if let Some(Ok(params)) = params
            && !self.server.initialized.swap(true, Ordering::SeqCst)
        {
            self.server.update(|session| session.initialize(&params));
        }
    }

    /// Applies a notification that changes the state. `false` where it is none of those.
    fn apply(&self, request: &Request) -> bool {
        let Some(handle) = notifications::handler(request.method()) else { return false };
        let open = self.server.initialized.load(Ordering::SeqCst) && !self.server.shut_down.load(Ordering::SeqCst);
        if open && let Err(error) = handle(&self.server, request.params().cloned().unwrap_or(Value::Null)) {
            self.server.output.log(MessageType::WARNING, &format!("ignored {}: {error}", request.method()));
        }
        true
    }
}

/// Reads the parameters of a notification.
pub fn params<P: DeserializeOwned>(params: Value) -> Result<P, String> {
    serde_json::from_value(params).map_err(|error| error.to_string())
}

/// What a client is told of a panic.
pub fn bug() -> Error {
    let mut error = Error::internal_error();
    error.message = "a bug in pytest-medic; the server's log says where".into();
    error
}

fn internal_error(id: Id) -> Response {
    Response::from_error(id, bug())
}

#[cfg(test)]
mod tests {
    use super::super::transport::Output;
    use super::*;

    /// Answers with its method, or panics where the method says so: `call` at once, `poll` later.
    struct Fragile;

    impl Service<Request> for Fragile {
        type Response = Option<Response>;
        type Error = ExitedError;
        type Future = BoxFuture<'static, Answer>;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), ExitedError>> {
            Poll::Ready(Ok(()))
        }

        fn call(&mut self, request: Request) -> Self::Future {
            assert_ne!(request.method(), "call");
            async move {
                assert_ne!(request.method(), "poll");
                Ok(request.id().map(|id| Response::from_ok(id.clone(), Value::Null)))
            }
            .boxed()
        }
    }

    fn code(ingress: &mut Ingress<Fragile>, method: &'static str) -> i64 {
        let answer = ingress.call(Request::build(method).id(1).finish()).now_or_never();
        let response = answer.expect("nothing waits").expect("the service lives").expect("a request is answered");
        response.error().map_or(0, |error| error.code.code())
    }

    #[test]
    fn a_panic_is_the_error_of_its_request_and_the_next_one_is_fine() {
        let mut ingress = Ingress::new(Arc::new(Server::new(Output::start(std::io::sink()))), Fragile);
        assert_eq!(code(&mut ingress, "call"), -32603);
        assert_eq!(code(&mut ingress, "poll"), -32603);
        assert_eq!(code(&mut ingress, "fine"), 0);
    }
}
