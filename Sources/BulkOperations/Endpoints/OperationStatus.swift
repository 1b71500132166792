import HTTPPipeline
import HTTPSemantics
import HTTPTypes
import NIOCore
import Repositories

/// The status of an operation as a response, with the members of django-drf-extensions.
struct OperationStatus {
    private let operations: Operations
    private let operation: BulkOperation

    init(_ operations: Operations, _ operation: BulkOperation) {
        (self.operations, self.operation) = (operations, operation)
    }

    /// Returns the response.
    ///
    /// - Throws: The errors of the queue.
    func reply(to exchange: Exchange) async throws -> Reply {
        var fields: HTTPFields = [
            .contentType: "application/json", .cacheControl: "no-store", .vary: "Accept",
            .bulkErrors: "\(operation.counts.failed)",
        ]
        if !operation.state.isFinal { fields[.retryAfter] = "1" }
        return Reply(status: .ok, headerFields: fields, body: ReplyBody(try await body()))
    }

    /// Returns the body, with what happened with the first items.
    func body() async throws -> ByteBuffer {
        let details = try await OperationDetails(of: operation, in: operations)
        var body = ByteBuffer()
        body.writeObject { members in
            writeSummary(to: &members)
            members.write("result") { writeResult(details, to: &$0) }
        }
        return body
    }

    /// Returns the body of an entry in a list.
    func summary() -> ByteBuffer {
        var body = ByteBuffer()
        body.writeObject { members in
            writeSummary(to: &members)
            members.write("resource", .text(operation.request.resource))
            members.write("operation_type", .text(operation.request.kind.name))
            members.write("status_url", .text(operations.path(of: operation.id, "status")))
            members.write("success_count", .integer(Int64(operation.counts.succeeded)))
            members.write("error_count", .integer(Int64(operation.counts.failed)))
        }
        return body
    }

    private func writeSummary(to members: inout JSONMembers) {
        let state = operation.shown
        members.write("task_id", .text("\(operation.id)"))
        members.write("state", .text(state.state))
        members.write("status", .text(state.status))
        members.write("message", .text(state.message))
        members.write("progress") { OperationProgress(operation, at: operations.clock.now).write(to: &$0) }
        if let reason = operation.reason { members.write("reason", .text(reason.rawValue)) }
        members.write("dry_run", .boolean(operation.request.isDryRun))
        members.write("cancellable", .boolean(!operation.state.isFinal && operation.state != .cancelling))
    }

    private func writeResult(_ details: OperationDetails, to buffer: inout ByteBuffer) {
        let (counts, request) = (operation.counts, operation.request)
        buffer.writeObject { members in
            members.write("task_id", .text("\(operation.id)"))
            members.write("operation_type", .text(request.kind.name))
            if request.kind == .get {
                members.write("count", .integer(Int64(counts.read)))
                members.write("results") { $0.writeString(details.rows ?? "[]") }
                members.write("error_count", .integer(Int64(counts.failed)))
                members.write("success", .boolean(operation.state == .completed && counts.failed == 0))
                return
            }
            for (name, count) in [
                ("total_items", counts.total), ("success_count", counts.succeeded), ("error_count", counts.failed),
                ("created_count", counts.created), ("updated_count", counts.updated),
                ("unchanged_count", counts.unchanged), ("deleted_count", counts.deleted),
                ("unprocessed_count", max(counts.total - counts.processed, 0)),
            ] {
                members.write(name, .integer(Int64(count)))
            }
            members.write("errors") { $0.writeArray(details.failures) { $1.writeImmutableBuffer($0) } }
            for (name, keys) in [
                ("created_ids", details.created), ("updated_ids", details.updated), ("deleted_ids", details.deleted),
            ] {
                members.write(name) { $0.writeArray(keys) { $1.writeJSON($0) } }
            }
            members.write("results_url", .text(operations.path(of: operation.id, "results")))
        }
    }
}

/// How far an operation is.
struct OperationProgress {
    private let operation: BulkOperation
    private let now: Timestamp

    init(_ operation: BulkOperation, at now: Timestamp) { (self.operation, self.now) = (operation, now) }

    /// Writes the progress: items a second since the start, and the seconds that are left at that rate.
    func write(to buffer: inout ByteBuffer) {
        let (current, total) = (operation.counts.processed, operation.counts.total)
        buffer.writeObject { members in
            members.write("current", .integer(Int64(current)))
            members.write("total", .integer(Int64(total)))
            let percentage =
                operation.state == .completed ? 100 : total == 0 ? 0 : 100 * Double(current) / Double(total)
            members.write("percentage", .number(percentage.rounded(digits: 2)))
            guard let start = operation.startedAt else { return }
            let duration = (operation.finishedAt ?? now) - start
            let seconds = max(duration / .seconds(1), 0.001)
            let rate = Double(current) / seconds
            members.write("rate", .number(rate.rounded(digits: 1)))
            if !operation.state.isFinal, rate > 0 {
                members.write("remaining_seconds", .number((Double(total - current) / rate).rounded(digits: 1)))
            }
        }
    }
}

extension Double {
    fileprivate func rounded(digits: Int) -> Double {
        let factor = digits == 1 ? 10.0 : 100.0
        return (self * factor).rounded() / factor
    }
}

extension OperationRequest.Kind {
    /// The name of the operation in django-drf-extensions.
    var name: String { "async_\(title.lowercased())" }
}

extension BulkOperation {
    /// The words for the state in django-drf-extensions.
    var shown: (state: String, status: String, message: String) {
        let status = state.status
        return switch state {
        case .uploading, .queued: ("PENDING", status, "Task is waiting to be processed")
        case .running where isRetrying: ("RETRY", "retrying", "Task is being retried")
        case .running: ("PROGRESS", status, "Task is being processed")
        case .cancelling: ("PROGRESS", status, "Task is being cancelled")
        case .completed: ("SUCCESS", status, "Task completed successfully")
        case .failed: ("FAILURE", status, "Task failed")
        case .cancelled: ("REVOKED", status, "Task was cancelled")
        }
    }
}

extension BulkOperation.State {
    /// The states that clients see.
    static let visible = allCases.filter { $0 != .uploading }

    /// The word that clients see.
    var status: String {
        switch self {
        case .uploading, .queued: "pending"
        case .running: "in_progress"
        case .cancelling, .completed, .failed, .cancelled: rawValue
        }
    }
}
