package import NIOCore

/// A subscription to channels, on a connection of its own that reconnects and resubscribes after a loss.
package struct RedisSubscription: Sendable {
    private let connection: RedisConnection

    init(_ connection: RedisConnection) {
        self.connection = connection
    }

    /// Closes the connection and resubscribes on a new one after a backoff delay.
    package func restart() {
        connection.backOff()
    }

    /// Ends the subscription and closes its connection.
    package func shutDown() async {
        await connection.shutDown()
    }
}

/// Receives the messages of subscribed channels. All methods are called on the event loop of the subscription's connection.
package protocol SubscriptionDelegate: AnyObject, Sendable {
    /// The subscription has started: messages published from now on are received.
    ///
    /// Messages that were published before, since the subscription last ended, are lost.
    func subscriptionStarted()

    /// The subscription has ended, because its connection was lost or shut down.
    func subscriptionEnded()

    /// A message was published on one of the channels.
    func received(_ message: ByteBuffer)
}

/// The channels that a connection subscribes to, and the delegate that receives their messages.
struct ChannelSubscription: Sendable {
    let channels: [String]
    weak let delegate: (any SubscriptionDelegate)?
}
