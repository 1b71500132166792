import NIOCore

/// Who is told, on the event loop, what happens to a connection that subscribes to a channel.
struct LinkObserver: Sendable {
    /// The channel's name.
    let channel: String
    /// The subscription begins (true) or has ended.
    let subscribed: @Sendable (Bool) -> Void
    /// Something was published.
    let received: @Sendable (ByteBuffer) -> Void
}
