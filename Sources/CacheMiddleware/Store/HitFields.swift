import HTTPPipeline
import HTTPTypes
import NIOCore
import Synchronization

/// The header fields of the responses that an entry yields: the entry's own fields, Age, Cache-Status and Content-Length.
///
/// They change once per second. In between, all hits share the memory of one set of fields. Content-Length is included because a
/// server that added it would have to copy the other fields; capacity is reserved for the fields that it may add.
final class HitFields: Sendable {
    private struct Made {
        /// The times for which the age is correct.
        let validity: Range<Int64>
        let status: HTTPField
        let fields: HTTPFields
    }

    private let last = Mutex<Made?>(nil)

    /// Returns the header fields of a hit.
    ///
    /// - Parameters:
    ///   - entry: The entry, always the same one.
    ///   - moment: The time of the hit.
    ///   - status: The Cache-Status field to add.
    /// - Returns: The fields of the entry with the current age, the status and the length.
    func fields(of entry: CacheEntry, at moment: Timestamp, status: HTTPField) -> HTTPFields {
        let made = last.withLock { made -> HTTPFields? in
            guard let made, made.validity.contains(moment.nanoseconds), made.status.value == status.value
            else { return nil }
            return made.fields
        }
        if let made { return made }
        var fields = HTTPFields()
        // Servers add Date and Server.
        fields.reserveCapacity(entry.headerFields.count + 5)
        for field in entry.headerFields { fields.append(field) }
        fields[.age] = String(entry.age(at: moment))
        fields.append(status)
        // Responses with these statuses never have a Content-Length (RFC 9110 section 8.6).
        if entry.status.code != 204, entry.status.code != 304 {
            fields[.contentLength] = String(entry.body.readableBytes)
        }
        let new = Made(validity: Self.second(of: moment, since: entry.storedAt), status: status, fields: fields)
        last.withLock { $0 = new }
        return fields
    }

    /// Returns the times that are the same number of whole seconds after the start as a time; for a time before the start, those of
    /// the first second.
    static func second(of moment: Timestamp, since start: Timestamp) -> Range<Int64> {
        let (elapsed, overflow) = moment.nanoseconds.subtractingReportingOverflow(start.nanoseconds)
        guard !overflow else { return moment.nanoseconds..<moment.nanoseconds }
        let second: Int64 = 1_000_000_000
        guard elapsed >= second else { return .min..<start.nanoseconds.addingSaturated(second) }
        let lower = moment.nanoseconds - elapsed % second
        return lower..<lower.addingSaturated(second)
    }
}

extension Int64 {
    fileprivate func addingSaturated(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
