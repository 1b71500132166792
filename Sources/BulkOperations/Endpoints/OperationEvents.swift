import HTTPPipeline
import HTTPTypes
import NIOCore
import ServiceLifecycle

/// The progress of an operation as a stream of events (the `text/event-stream` of HTML). It ends with the event `end`, or without it
/// when the server shuts down.
///
/// The identifier of an event is the number of changes of the operation, so a client that reconnects with `Last-Event-ID` gets the next
/// event when there is a further change.
struct OperationEvents: Sendable {
    let operations: Operations
    let operation: BulkOperation
    /// The identifier of the last event that the client has.
    let last: Int

    /// The time between two comments that keep a connection open.
    private static let keepAliveInterval = Duration.seconds(15)
    /// The time after which changes of other processes are looked for.
    private static let pollInterval = Duration.milliseconds(250)

    func reply() -> Reply {
        let fields: HTTPFields = [
            .contentType: "text/event-stream", .cacheControl: "no-store", .vary: "Accept",
            // For proxies that collect responses.
            HTTPField.Name("X-Accel-Buffering")!: "no",
        ]
        return Reply(status: .ok, headerFields: fields, body: ReplyBody { writer in try await write(to: &writer) })
    }

    private func write(to writer: inout any BodyWriter) async throws {
        var (last, current) = (last, operation as BulkOperation?)
        var lastWrite = ContinuousClock.now
        var nextCount = 0
        // A stream must not delay the end of the server. Clients reconnect.
        while !Task.isShuttingDownGracefully, let operation = current {
            let revision = operations.queue.changes.revision
            if operation.state.isFinal {
                try await writer.write(try await event("end", operation))
                break
            }
            if operation.revision > last, operation.counts.processed >= nextCount {
                try await writer.write(try await event("progress", operation))
                (last, lastWrite) = (operation.revision, .now)
                nextCount = operation.counts.processed + operations.settings.progressItemCount
            } else if lastWrite.duration(to: .now) > Self.keepAliveInterval {
                try await writer.write(ByteBuffer(staticString: ": keep-alive\n\n"))
                lastWrite = .now
            }
            await operations.queue.changes.wait(after: revision, upTo: Self.pollInterval)
            // Every change of any operation ends the wait. The interval bounds how often a stream reads the database.
            try await Task.sleep(for: operations.settings.progressInterval)
            current = try await operations.queue.operation(operation.id)
        }
        try await finish(writer)
    }

    private func finish(_ writer: consuming any BodyWriter) async throws { try await writer.finish(nil) }

    private func event(_ name: String, _ operation: BulkOperation) async throws -> ByteBuffer {
        var event = ByteBuffer(string: "event: \(name)\nid: \(operation.revision)\ndata: ")
        if operation.state.isFinal {
            event.writeImmutableBuffer(try await OperationStatus(operations, operation).body())
        } else {
            event.writeImmutableBuffer(OperationStatus(operations, operation).summary())
        }
        event.writeStaticString("\n\n")
        return event
    }
}
