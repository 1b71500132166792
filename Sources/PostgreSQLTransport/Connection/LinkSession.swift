#if PostgreSQL
import CPostgreSQL
import DequeModule
import NIOCore

/// The state of a connection, without its locking and its effects on other objects.
struct LinkSession {
    /// What the reactor waits for.
    struct Interest {
        let descriptor: Int32
        let writes: Bool
        let deadline: NIODeadline?
    }

    /// The step of the current operation.
    enum Step {
        /// The server deallocates evicted statements.
        case deallocating
        /// The server prepares the statement with the given name.
        case preparing(String)
        /// The server executes the operation.
        case executing(isPrepared: Bool)
        /// The server receives the bytes of a COPY, of which this many were sent.
        case copying(Int)
    }

    /// The connection; nil when it is closed.
    var connection: LibpqConnection?
    var cache: StatementCache
    var loan: UInt64 = 0
    /// The current operation.
    var current: Operation?
    var queue = Deque<Operation>()
    var step = Step.executing(isPrepared: false)
    /// The last result and the first error of the current operation.
    var result: ResultHandle?
    var error: PostgreSQLError?
    /// Whether the statement was already executed again because its plan was invalid.
    var wasRepeated = false
    var deadline: NIODeadline?
    /// Whether libpq has bytes that the socket did not accept.
    var hasOutput = false
    /// Whether a cancel request is under way, which would hit the next operation.
    var isCancelling = false
    /// Whether the current operation was cancelled.
    var isCancelled = false
    /// Whether the current operation has ended, apart from the cancel request.
    var hasEnded = false
    /// The time within which an operation has to end.
    let timeout: TimeAmount

    /// The maximum number of operations that wait for the current one.
    private static let queueLimit = 1024

    init(_ connection: LibpqConnection, cache: StatementCache, timeout: TimeAmount) {
        self.connection = connection
        self.cache = cache
        self.timeout = timeout
    }

    var isOpen: Bool { connection != nil }

    /// Whether the connection is open, unused and in no transaction.
    var isIdle: Bool {
        guard let connection, current == nil, queue.isEmpty, !isCancelling else { return false }
        return PQtransactionStatus(connection.pointer) == PQTRANS_IDLE
    }

    var interest: Interest? {
        guard let connection else { return nil }
        return Interest(descriptor: PQsocket(connection.pointer), writes: hasOutput, deadline: deadline)
    }

    // MARK: Operations

    mutating func submit(_ operation: Operation, _ effects: inout LinkEffects) {
        guard connection != nil else {
            return effects.finish(operation, .failure(.lost(.unavailable, "the connection was lost")))
        }
        guard current == nil else {
            guard queue.count < Self.queueLimit else {
                return effects.finish(
                    operation,
                    .failure(PostgreSQLError(.unavailable, "\(Self.queueLimit) statements wait for this connection")))
            }
            return queue.append(operation)
        }
        start(operation, &effects)
    }

    /// - Returns: The cancel request to send, if the statement was sent.
    mutating func cancel(
        _ operation: Operation, deadline: NIODeadline, _ effects: inout LinkEffects
    ) -> OpaquePointer? {
        if let index = queue.firstIndex(where: { $0 === operation }) {
            queue.remove(at: index)
            effects.cancelled.append(operation)
            return nil
        }
        guard let connection, current === operation, !isCancelling, !hasEnded,
            let request = PQgetCancel(connection.pointer)
        else { return nil }
        isCancelling = true
        isCancelled = true
        if let current = self.deadline { self.deadline = min(current, deadline) }
        return request
    }

    mutating func cancelRequestEnded(_ effects: inout LinkEffects) {
        isCancelling = false
        if hasEnded { finishCurrent(&effects) }
    }

    mutating func checkDeadline(at now: NIODeadline, _ effects: inout LinkEffects) {
        guard let deadline, deadline <= now, connection != nil, current != nil else { return }
        if hasEnded {
            // Only the cancel request has not ended. The next operation must not be hit by it.
            isCancelling = false
            finishCurrent(&effects, startsNext: false)
            return close(.lost(.timeout, "no reply to a cancel request"), &effects)
        }
        // A reply may have arrived while the reactor was busy.
        process(isReadable: true, &effects)
        guard current != nil, let deadline = self.deadline, deadline <= now else { return }
        // A statement that a cancel request did not end says nothing about the server.
        let error: PostgreSQLError =
            isCancelled
            ? .lost(.unavailable, "the statement has not ended after its cancellation")
            : .lost(.timeout, "no reply from the server within the statement's timeout")
        close(error, &effects)
    }

    /// Closes the connection. All operations fail with the error.
    mutating func close(_ error: PostgreSQLError, _ effects: inout LinkEffects) {
        guard connection != nil else { return }
        connection = nil
        hasOutput = false
        deadline = nil
        isCancelling = false
        result = nil
        if let current {
            // The server reports why it closes a connection.
            effects.finish(current, .failure(self.error ?? error))
        }
        current = nil
        for operation in queue { effects.finish(operation, .failure(error)) }
        queue.removeAll()
        effects.closed = self.error ?? error
    }

    // MARK: Input and output

    mutating func process(isReadable: Bool, _ effects: inout LinkEffects) {
        guard let connection else { return }
        let isConnected = !isReadable || PQconsumeInput(connection.pointer) == 1
        flush(&effects)
        advance(&effects)
        readNotifications(&effects)
        if !isConnected { close(.lost(.unavailable, "the connection was lost"), &effects) }
    }

    /// Sends what libpq has buffered, as far as the socket accepts it.
    mutating func flush(_ effects: inout LinkEffects) {
        guard let connection else { return }
        // If the connection is lost, reading reports it, perhaps after the server's reason.
        hasOutput = PQflush(connection.pointer) == 1
    }

    private mutating func readNotifications(_ effects: inout LinkEffects) {
        guard let connection else { return }
        while let notification = PQnotifies(connection.pointer) {
            effects.notifications.append(
                (String(cString: notification.pointee.relname), String(cString: notification.pointee.extra)))
            PQfreemem(notification)
        }
    }
}
#endif
