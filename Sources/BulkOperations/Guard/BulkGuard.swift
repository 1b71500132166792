import HTTPPipeline
public import HTTPTypes

/// The field that a bulk request must have, so that a request for all rows by mistake changes nothing: drf-extensions'
/// `DEFAULT_BULK_OPERATION_HEADER_NAME`.
public struct BulkGuard: Sendable, Hashable {
    /// The name of the field; nil requires none.
    public var header: HTTPField.Name?

    /// Whether a request without filters needs the value `all`.
    public var requiresAll = true

    /// Creates a guard.
    ///
    /// - Parameter header: The name of the field; nil requires none.
    public init(header: HTTPField.Name? = .bulkOperation) {
        self.header = header
    }

    /// The guard of drf-extensions, for which a request without filters needs no other value.
    public static let drf: BulkGuard = {
        var guarding = BulkGuard()
        guarding.requiresAll = false
        return guarding
    }()

    /// Returns the refusal of a request, or nil if it has the field. A blank value, `false`, `0` and `no` do not count.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - hasFilters: Whether filters select the rows.
    /// - Returns: The refusal.
    func refusal(of request: HTTPRequest, hasFilters: Bool) -> ProblemDetails? {
        guard let header else { return nil }
        let value = request.headerFields[header]?.utf8.trimmingSpaces.asciiLowercased ?? ""
        guard !["", "false", "0", "no"].contains(value) else {
            return ProblemDetails(.badRequest, "Header '\(header.rawName)' should be provided for bulk operation.")
        }
        guard hasFilters || !requiresAll || value == "all" else {
            return ProblemDetails(
                .badRequest,
                "Without filters the operation is one on all rows. Send '\(header.rawName): all' to confirm.")
        }
        return nil
    }
}

extension HTTPField.Name {
    /// X-BULK-OPERATION.
    public static let bulkOperation = HTTPField.Name("X-BULK-OPERATION")!
}
