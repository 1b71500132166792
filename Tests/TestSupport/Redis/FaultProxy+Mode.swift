extension FaultProxy {
    /// The treatment of data by the proxy.
    public enum Mode: Sendable {
        /// Forwards everything.
        case pass
        /// Forwards everything, and data from the server with this delay and in order.
        case delay(Duration)
        /// Forwards this many bytes of replies of each connection from now on, then closes it.
        case cutAfter(Int)
        /// Accepts connections and drops data of both sides, and also the end of the server's connection. A
        /// connection with dropped data is closed when it is used in another mode: TCP has no gaps.
        case drop
        /// Replies to every request with these bytes without forwarding it, and sends them instead of replies.
        case garbage(String)
    }
}
