import HTTPPipeline
import KeyConstructor

/// The values of rows that have to be there: a tag without them would be the same whatever the rows hold.
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

/// The application has put no rows on an exchange whose tag is made of them.
struct MissingModelValues: Error, CustomStringConvertible {
    let subject: QueryDescriptionKeyBit.Subject

    var description: String {
        let attribute = subject == .list ? "ListModelValues" : "RetrieveModelValues"
        return "the entity tag is made of rows, and the exchange has no \(attribute)"
    }
}
