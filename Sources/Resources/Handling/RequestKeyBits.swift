import HTTPPipeline
import KeyConstructor

/// The statements that a response depends on, by their digest.
struct StatementKeyBit: KeyBit {
    var inputs: ExchangeInputs { .attributes }

    func write(_ exchange: Exchange, to writer: inout KeyWriter) {
        guard let prepared = exchange.preparedRequest else { return writer.writeNull() }
        writer.write(prepared.digest)
    }
}

/// The user, if the access rule selects rows: two users with equal selections are still told apart.
struct RestrictedUserKeyBit: KeyBit {
    var inputs: ExchangeInputs { [.attributes, .userID] }

    func write(_ exchange: Exchange, to writer: inout KeyWriter) {
        guard let user = exchange.userID, let prepared = exchange.preparedRequest, prepared.request.isRestricted
        else { return writer.writeNull() }
        writer.write(user)
    }
}
