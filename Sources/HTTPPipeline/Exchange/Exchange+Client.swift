public import NIOCore

extension Exchange {
    /// What is known about the client of a request: the values of ``Exchange/remoteAddress``, ``Exchange/userID``,
    /// ``Exchange/language`` and ``Exchange/format``.
    public struct Client: Sendable, Hashable {
        /// The address of the peer.
        public var remoteAddress: SocketAddress?

        /// The authenticated user; nil is anonymous.
        public var userID: String?

        /// The active language.
        public var language: String?

        /// The negotiated format.
        public var format: String?

        /// Creates the facts about a client; by default nothing is known.
        public init(
            remoteAddress: SocketAddress? = nil, userID: String? = nil, language: String? = nil, format: String? = nil
        ) {
            self.remoteAddress = remoteAddress
            self.userID = userID
            self.language = language
            self.format = format
        }
    }
}
