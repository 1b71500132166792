#if PostgreSQL
import CPostgreSQL
import DequeModule
import NIOCore

extension LinkSession {
    /// The number of bytes of a COPY that are given to libpq at once.
    private static let copySize = 1 << 16

    // MARK: Sending

    /// Starts an operation. There is no current one.
    mutating func start(_ operation: Operation, _ effects: inout LinkEffects) {
        let end = NIODeadline.now() + timeout
        (deadline, effects.deadline) = (end, end)
        current = operation
        result = nil
        error = nil
        hasEnded = false
        isCancelled = false
        wasRepeated = false
        // In a transaction, a failure would undo it.
        if !cache.evicted.isEmpty, transactionStatus == PQTRANS_IDLE {
            step = .deallocating
            let commands = cache.takeEvicted().map { "DEALLOCATE \($0)" }
            return send(&effects) { PQsendQuery($0, commands.joined(separator: "; ")) }
        }
        sendCurrent(&effects)
    }

    private var transactionStatus: PGTransactionStatusType {
        connection.map { PQtransactionStatus($0.pointer) } ?? PQTRANS_UNKNOWN
    }

    private var isInFailedTransaction: Bool { transactionStatus == PQTRANS_INERROR }

    /// Sends the current operation, or first the statement to prepare.
    private mutating func sendCurrent(_ effects: inout LinkEffects) {
        guard let current else { return }
        step = .executing(isPrepared: false)
        switch current.request {
        case .script(let text), .copy(let text, _):
            send(&effects) { PQsendQuery($0, text) }
        case .statement(let text, let parameters):
            switch cache.plan(text, parameters.kinds, canPrepare: !isInFailedTransaction) {
            case .unnamed: sendUnnamed(text, parameters, &effects)
            case .prepared(let name): sendPrepared(name, parameters, &effects)
            case .prepare(let name):
                step = .preparing(name)
                send(&effects) { PQsendPrepare($0, name, text, Int32(clamping: parameters.count), parameters.types) }
            }
        }
    }

    private mutating func sendUnnamed(_ text: String, _ parameters: StatementParameters, _ effects: inout LinkEffects) {
        step = .executing(isPrepared: false)
        send(&effects) { connection in
            parameters.withPointers {
                PQsendQueryParams(connection, text, Int32(clamping: parameters.count), parameters.types, $0, $1, $2, 0)
            }
        }
    }

    private mutating func sendPrepared(_ name: String, _ parameters: StatementParameters, _ effects: inout LinkEffects)
    {
        step = .executing(isPrepared: true)
        send(&effects) { connection in
            parameters.withPointers {
                PQsendQueryPrepared(connection, name, Int32(clamping: parameters.count), $0, $1, $2, 0)
            }
        }
    }

    private mutating func send(_ effects: inout LinkEffects, _ send: (OpaquePointer) -> Int32) {
        guard let connection else { return }
        if send(connection.pointer) == 1 { return flush(&effects) }
        if PQstatus(connection.pointer) == CONNECTION_BAD {
            return close(.lost(.unavailable, "the connection was lost"), &effects)
        }
        // The statement was not sent, for example because it has too many parameters.
        let text = PQerrorMessage(connection.pointer).map { String(cString: $0) } ?? ""
        error = PostgreSQLError(
            .server, text.split(separator: "\n").first.map(String.init) ?? "the statement was not sent")
        finishCurrent(&effects)
    }

    // MARK: Receiving

    /// Handles the results that have arrived.
    mutating func advance(_ effects: inout LinkEffects) {
        while let connection, current != nil, !hasEnded {
            if case .copying = step {
                pumpCopy(&effects)
                if case .copying = step { return }
            }
            guard PQisBusy(connection.pointer) == 0 else { return }
            if let pointer = PQgetResult(connection.pointer) {
                receive(ResultHandle(pointer), &effects)
            } else {
                stepEnded(&effects)
            }
        }
    }

    private mutating func receive(_ handle: ResultHandle, _ effects: inout LinkEffects) {
        guard let connection, let current else { return }
        switch handle.status {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY: result = handle
        case PGRES_COPY_IN:
            if case .copy = current.request {
                step = .copying(0)
            } else {
                error = PostgreSQLError(.server, "COPY FROM STDIN requires copyIn")
                PQputCopyEnd(connection.pointer, "copyIn is required")
                flush(&effects)
            }
        case PGRES_COPY_OUT, PGRES_COPY_BOTH:
            error = PostgreSQLError(.server, "COPY TO STDOUT is not supported")
            close(PostgreSQLError(.closed, "COPY TO STDOUT is not supported"), &effects)
        default:
            guard error == nil else { return }
            let failure = PostgreSQLError(handle)
            // libpq makes a result of its own, without a code of the server.
            let isLost = failure.sqlState == nil && PQstatus(connection.pointer) == CONNECTION_BAD
            error = isLost ? .lost(.unavailable, "the connection was lost") : failure
        }
    }

    private mutating func stepEnded(_ effects: inout LinkEffects) {
        guard let current else { return }
        switch step {
        case .deallocating:
            (result, error) = (nil, nil)
            if isCancelled { return endCancelled(&effects) }
            sendCurrent(&effects)
        case .preparing(let name):
            guard case .statement(let text, let parameters) = current.request, error == nil else {
                cache.remove(current.request.text)
                return finishCurrent(&effects)
            }
            cache.didPrepare(text, as: name)
            result = nil
            if isCancelled { return endCancelled(&effects) }
            sendPrepared(name, parameters, &effects)
        case .executing(isPrepared: true) where isPlanInvalid:
            guard case .statement(let text, let parameters) = current.request else { return }
            cache.remove(text)
            (result, error) = (nil, nil)
            wasRepeated = true
            sendUnnamed(text, parameters, &effects)
        case .executing, .copying:
            // In a failed transaction it is not repeated, but the next transaction prepares it again.
            if hasInvalidPlan { cache.remove(current.request.text) }
            finishCurrent(&effects)
        }
    }

    /// Ends an operation that was cancelled before its statement was executed.
    private mutating func endCancelled(_ effects: inout LinkEffects) {
        error = PostgreSQLError(.timeout, "the statement was cancelled", sqlState: "57014")
        finishCurrent(&effects)
    }

    /// Whether a prepared statement failed because a table has changed or the session was reset, and can be repeated.
    private var isPlanInvalid: Bool { !wasRepeated && hasInvalidPlan && !isInFailedTransaction }

    private var hasInvalidPlan: Bool { error?.sqlState == "0A000" || error?.sqlState == "26000" }

    /// Ends the current operation and starts the next one.
    mutating func finishCurrent(_ effects: inout LinkEffects, startsNext: Bool = true) {
        guard let operation = current else { return }
        guard !isCancelling else {
            // The next operation has to wait until the cancel request cannot hit it.
            hasEnded = true
            return
        }
        if operation.isPooled, error == nil, transactionStatus != PQTRANS_IDLE {
            // The next user of the connection must not be in this transaction.
            let error = PostgreSQLError(.closed, "the statement began a transaction, which requires withTransaction")
            return close(error, &effects)
        }
        if let error {
            effects.finish(operation, .failure(error))
        } else if let result {
            effects.finish(operation, .success(PostgreSQLResult(result)))
        } else {
            effects.finish(operation, .failure(PostgreSQLError(.server, "no result for the statement")))
        }
        (current, result, error, deadline, hasEnded) = (nil, nil, nil, nil, false)
        if operation.isPooled { effects.isFree = true }
        if startsNext, let next = queue.popFirst() { start(next, &effects) }
    }

    // MARK: COPY

    /// Gives libpq the next bytes of a COPY, as long as the socket accepts them.
    private mutating func pumpCopy(_ effects: inout LinkEffects) {
        guard let connection, let current, case .copy(_, let bytes) = current.request, case .copying(var offset) = step
        else { return }
        let count = bytes.readableBytes
        bytes.withUnsafeReadableBytes { bytes in
            while !hasOutput {
                let size = min(Self.copySize, count - offset)
                let sent =
                    size > 0
                    ? PQputCopyData(
                        connection.pointer, (bytes.baseAddress! + offset).assumingMemoryBound(to: CChar.self),
                        Int32(size))
                    : PQputCopyEnd(connection.pointer, nil)
                if sent == 1 { offset += size }
                // If nothing more can be sent, reading shows the server's error or the loss of the connection.
                let isDone = sent < 0 || (sent == 1 && size == 0)
                step = isDone ? .executing(isPrepared: false) : .copying(offset)
                flush(&effects)
                guard case .copying = step, sent == 1 else { return }
            }
        }
    }
}
#endif
