import HTTPPipeline
import HTTPTypes

/// A limit of uploads that a request exceeds.
package struct UploadLimit: Sendable, Hashable {
    /// The largest allowed number.
    package let value: Int
    /// What is counted, in the plural.
    package let unit: String

    init(_ value: Int, _ unit: String) {
        self.value = value
        self.unit = unit
    }
}

extension BulkRefusal {
    /// The refusal of an upload above a limit (413), with the members `limit` and `unit`.
    static func tooLarge(_ detail: String, _ limit: UploadLimit) -> BulkRefusal {
        var details = ProblemDetails(.contentTooLarge, detail)
        details.numbers = [("limit", limit.value)]
        details.texts = [("unit", limit.unit)]
        return BulkRefusal(details)
    }

    /// The refusal of an invalid upload (400).
    static func badUpload(_ detail: String) -> BulkRefusal { BulkRefusal(ProblemDetails(.badRequest, detail)) }

    /// The refusal of a form that is invalid or exceeds a limit.
    init(_ error: MultipartError) {
        self = error.limit.map { .tooLarge("\(error)", $0) } ?? .badUpload("\(error)")
    }

    /// The refusal of a body that is no gzip or exceeds a limit.
    init(_ error: GzipError) {
        if case .tooLarge(let limit) = error {
            self = .tooLarge("\(error)", UploadLimit(limit, "bytes"))
        } else {
            self = .badUpload("\(error)")
        }
    }
}
