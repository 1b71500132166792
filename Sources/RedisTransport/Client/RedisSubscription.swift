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
