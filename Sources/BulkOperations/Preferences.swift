import HTTPPipeline
import HTTPSemantics
import HTTPTypes

/// The preferences of a request (RFC 7240) that bulk operations know.
struct Preferences {
    /// `max-affected`: the maximum number of rows to change.
    var maximum: Int?
    /// `handling=strict`: whether one failed item keeps all items from being written.
    var isStrict = false
    /// `wait`: the number of seconds to wait for the end of an operation.
    var wait: Int?
    /// `respond-async`: whether the request does not wait.
    var isAsynchronous = false

    /// Parses the preferences. Unknown ones are ignored.
    ///
    /// - Throws: The refusal of a `max-affected` that is no number: to ignore it would change more rows than the client wants.
    init(of request: HTTPRequest) throws(BulkRefusal) {
        for value in request.headerFields[values: .prefer] {
            for member in ListMembers(value.utf8) {
                let preference = member.prefix { $0 != UInt8(ascii: ";") }
                let parts = preference.split(separator: UInt8(ascii: "="), maxSplits: 1)
                guard let name = parts.first?.trimmingSpaces.asciiLowercased else { continue }
                let text = parts.count == 2 ? parts[1].trimmingSpaces.asciiLowercased.replacing("\"", with: "") : ""
                switch name {
                case "max-affected":
                    guard let number = Int(text), number >= 0 else {
                        throw BulkRefusal(ProblemDetails(.badRequest, "Prefer: max-affected must be a whole number."))
                    }
                    maximum = min(number, maximum ?? number)
                case "handling" where text == "strict": isStrict = true
                case "wait": wait = wait ?? Int(text).flatMap { $0 >= 0 ? $0 : nil }
                case "respond-async": isAsynchronous = true
                default: break
                }
            }
        }
    }
}

/// A response that ends a bulk operation.
struct BulkRefusal: Error {
    let details: ProblemDetails

    init(_ details: ProblemDetails) { self.details = details }
}

extension HTTPRequest {
    /// Checks that a body is JSON. A request without a Content-Type has a body of JSON.
    ///
    /// - Throws: The refusal of another media type (415).
    func requireJSON() throws(BulkRefusal) {
        guard let text = headerFields[.contentType] else { return }
        let type = MediaTypeParameters(text.utf8)?.value ?? ""
        guard ["application/json", "application/merge-patch+json"].contains(type) else {
            throw BulkRefusal(
                ProblemDetails(.unsupportedMediaType, "Unsupported media type \"\(text.prefix(100))\" in request."))
        }
    }
}

extension HTTPField.Name {
    static let prefer = HTTPField.Name("Prefer")!
    static let preferenceApplied = HTTPField.Name("Preference-Applied")!
    static let bulkAffected = HTTPField.Name("Bulk-Affected")!
    static let bulkErrors = HTTPField.Name("Bulk-Errors")!
}
