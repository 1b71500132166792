extension FaultProxy {
    /// What the proxy does with what it is given.
    public enum Mode: Sendable {
        /// Passes everything.
        case pass
        /// Passes everything, each piece from the server that much later and in order.
        case delay(Duration)
        /// Passes that many bytes of replies of each connection from now on, then closes it.
        case cutAfter(Int)
        /// Accepts connections and loses what comes from either side, the end of the server's connection too. A
        /// connection that has lost something is closed when it is used in another mode: TCP has no gaps.
        case drop
        /// Answers every piece of a request with these bytes and does not pass it, and gives them in place of replies.
        case garbage(String)
    }
}
