import HTTPPipeline
import KeyConstructor

/// A key bit with the values of rows that must exist: without them, a tag would be the same for any content of the
/// rows.
struct RequiredModelValuesKeyBit: AsyncKeyBit, Hashable {
    private let subject: QueryDescriptionKeyBit.Subject
    private let bit: ModelValuesKeyBit

    init(_ subject: QueryDescriptionKeyBit.Subject) {
        self.subject = subject
        bit = ModelValuesKeyBit(subject)
    }

    func write(_ exchange: Exchange, to writer: inout KeyWriter) async throws {
        let isThere =
            switch subject {
            case .list: exchange[ListModelValues.self] != nil
            case .retrieve: exchange[RetrieveModelValues.self] != nil
            }
        guard isThere else { throw MissingModelValues(subject: subject) }
        try await bit.write(exchange, to: &writer)
    }
}

/// The error for an exchange without the rows from which its tag is computed.
struct MissingModelValues: Error, CustomStringConvertible {
    let subject: QueryDescriptionKeyBit.Subject

    var description: String {
        let attribute = subject == .list ? "ListModelValues" : "RetrieveModelValues"
        return "the entity tag is made of rows, and the exchange has no \(attribute)"
    }
}
