import NIOCore

/// Who is told, on the event loop, what happens to a connection that subscribes to channels.
struct LinkObserver: Sendable {
    /// The names of the channels.
    let channels: [String]
    /// The subscription begins (true) or has ended.
    let subscribed: @Sendable (Bool) -> Void
    /// Something was published.
    let received: @Sendable (ByteBuffer) -> Void
}
