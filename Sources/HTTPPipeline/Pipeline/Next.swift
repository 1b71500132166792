import HTTPTypes

/// The inner middleware and the handler that a ``Middleware`` wraps.
///
/// It is not `Sendable`, because it is valid only during the call of ``Middleware/handle(_:next:)``. ``detached`` returns a handler that
/// may be kept, if the framework allows it.
public struct Next {
    /// The handler at the end of the pipeline.
    enum Terminal {
        /// A handler that may run at any time, even after the response was sent.
        case detachable(Handler)
        /// The same, with the framework's request that it belongs to.
        case framework(any FrameworkRequest)
        /// A handler that is valid only during the call.
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

    /// Calls the next middleware, or the handler.
    ///
    /// - Throws: The errors of the handler and of inner middleware.
    public func callAsFunction(_ exchange: Exchange) async throws -> Reply {
        guard position == middleware.count else {
            let next = Next(middleware: middleware, position: position + 1, terminal: terminal)
            return try await middleware[position].handle(exchange, next: next)
        }
        // The handler of an unsafe method may have changed the inputs of memoized values, even if it threw.
        defer {
            if let memo = exchange.existingMemo, !exchange.request.method.isSafe { memo.removeAll() }
        }
        switch terminal {
        case .detachable(let handler): return try await handler(exchange)
        case .framework(let request): return try await request.runHandler(for: exchange, isDetached: false)
        case .scoped(let handler): return try await handler(exchange)
        }
    }

    /// A handler that may run after this call has returned, or nil when the framework does not allow that.
    ///
    /// Background work, such as refreshing a stale response, requires it.
    public var detached: Handler? {
        let handler: Handler
        switch terminal {
        case .detachable(let detachable): handler = detachable
        case .framework(let request):
            handler = { exchange in try await request.runHandler(for: exchange, isDetached: true) }
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
