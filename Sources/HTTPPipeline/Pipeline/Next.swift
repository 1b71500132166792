import HTTPTypes

/// What a ``Middleware`` wraps: the middleware further in, and the handler at the end.
///
/// It is not `Sendable`: it is valid during the call of ``Middleware/handle(_:next:)`` it was given to. Where the
/// framework allows the handler to run after that, ``detached`` is the form to keep.
public struct Next {
    /// The handler at the end of the pipeline.
    enum Terminal {
        /// A handler that may run at any time, also after its request was answered.
        case detachable(Handler)
        /// The same, as an adapter holds it.
        case call(any FrameworkCall)
        /// A handler that the framework lends for the duration of one call.
        case scoped(@concurrent (Exchange) async throws -> Reply)
    }

    private let middleware: [any Middleware]
    private let position: Int
    private let terminal: Terminal

    init(middleware: [any Middleware], position: Int = 0, terminal: Terminal) {
        self.middleware = middleware
        self.position = position
        self.terminal = terminal
    }

    /// Asks for the reply to `exchange`.
    ///
    /// - Throws: What the handler or a middleware further in throws.
    public func callAsFunction(_ exchange: Exchange) async throws -> Reply {
        guard position == middleware.count else {
            let next = Next(middleware: middleware, position: position + 1, terminal: terminal)
            return try await middleware[position].handle(exchange, next: next)
        }
        // A handler of an unsafe method may have changed what the memo was computed from, also when it threw.
        defer {
            if let memo = exchange.existingMemo, !exchange.request.method.isSafe { memo.removeAll() }
        }
        switch terminal {
        case .detachable(let handler): return try await handler(exchange)
        case .call(let call): return try await call.reply(to: exchange, isDetached: false)
        case .scoped(let handler): return try await handler(exchange)
        }
    }

    /// The same as a handler that may run after this call has returned, or nil when the framework does not allow that.
    ///
    /// Work in the background (refreshing a stale answer, for example) is possible only where this is not nil.
    public var detached: Handler? {
        let handler: Handler
        switch terminal {
        case .detachable(let detachable): handler = detachable
        case .call(let call): handler = { exchange in try await call.reply(to: exchange, isDetached: true) }
        case .scoped: return nil
        }
        let middleware = middleware
        let position = position
        return { exchange in
            let next = Next(middleware: middleware, position: position, terminal: .detachable(handler))
            return try await next(exchange)
        }
    }
}
