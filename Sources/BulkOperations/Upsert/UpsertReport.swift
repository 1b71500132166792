import HTTPPipeline
import HTTPTypes
import NIOCore
import Repositories

/// The response to an upsert, with the members of django-drf-extensions.
struct UpsertReport {
    private(set) var errors: [(index: Int, errors: FieldErrors)]
    private let items: UpsertItems
    private let uniqueFields: [String]
    private let updateFields: [String]
    private var created: [RowValue] = []
    private var updated: [RowValue] = []
    private var unchangedCount = 0

    init(_ items: UpsertItems, uniqueFields: [String], updateFields: [String]) {
        (self.items, self.uniqueFields, self.updateFields) = (items, uniqueFields, updateFields)
        errors = items.problems
    }

    /// Adds the outcomes of the valid items.
    mutating func add(_ outcomes: [RowOutcome], of items: UpsertItems) {
        for (row, outcome) in outcomes.enumerated() {
            switch outcome {
            case .created(let key): created.append(key)
            case .updated(let key): updated.append(key)
            case .unchanged: unchangedCount += 1
            case .failed(let error): errors.append((items.indexes[row], FieldErrors(error)))
            case .deleted, .skipped: break
            }
        }
    }

    /// Returns the response. `Bulk-Errors` has the number of failed items, whatever the status.
    func reply(reportsFailures: Bool) -> Reply {
        let writtenCount = created.count + updated.count + unchangedCount
        let status: HTTPResponse.Status =
            if errors.isEmpty || !reportsFailures { .ok } else {
                writtenCount == 0 ? .badRequest : HTTPResponse.Status(code: 207, reasonPhrase: "Multi-Status")
            }
        var body = ByteBuffer()
        let message =
            errors.isEmpty
            ? "Upsert completed successfully"
            : writtenCount == 0 ? "Upsert failed" : "Upsert completed with errors"
        body.writeStaticString(#"{"message":"#)
        body.writeJSON(message)
        for (name, count) in [
            ("total_items", items.count), ("created_count", created.count), ("updated_count", updated.count),
            ("unchanged_count", unchangedCount), ("error_count", errors.count),
        ] {
            body.writeString(",\"\(name)\":\(count)")
        }
        for (name, keys) in [("created_ids", created), ("updated_ids", updated)] {
            body.writeString(",\"\(name)\":")
            write(keys, to: &body) { $1.writeJSON($0) }
        }
        body.writeStaticString(#","errors":"#)
        write(errors.sorted { $0.index < $1.index }, to: &body) { entry, body in
            body.writeString("{\"index\":\(entry.index),\"error\":")
            entry.errors.write(to: &body)
            body.writeStaticString(#","data":"#)
            body.writeImmutableBuffer(items.json(of: entry.index))
            body.writeStaticString("}")
        }
        for (name, names) in [("unique_fields", uniqueFields), ("update_fields", updateFields)] {
            body.writeString(",\"\(name)\":")
            write(names, to: &body) { $1.writeJSON($0) }
        }
        body.writeStaticString(#","is_sync":true}"#)
        return Reply(
            status: status, headerFields: [.contentType: "application/json", .bulkErrors: "\(errors.count)"],
            body: ReplyBody(body))
    }

    private func write<Element>(
        _ elements: [Element], to body: inout ByteBuffer, _ write: (Element, inout ByteBuffer) -> Void
    ) {
        body.writeStaticString("[")
        for (index, element) in elements.enumerated() {
            if index > 0 { body.writeStaticString(",") }
            write(element, &body)
        }
        body.writeStaticString("]")
    }
}
