import HTTPPipeline
import KeyConstructor

/// The statements that a response depends on, by their digest.
struct StatementKeyBit: AsyncKeyBit {
    let mount: ResourceMount
    let actions: [ResourceAction]

    var inputs: ExchangeInputs { .all }

    func write(_ exchange: Exchange, to writer: inout KeyWriter) async throws {
        writer.write(try await mount.preparedRequest(for: exchange, among: actions).digest)
    }
}

/// The user, if the access rule selects rows: two users with equal selections are still told apart.
struct RestrictedUserKeyBit: AsyncKeyBit {
    let mount: ResourceMount
    let actions: [ResourceAction]

    var inputs: ExchangeInputs { .all }

    func write(_ exchange: Exchange, to writer: inout KeyWriter) async throws {
        let prepared = try await mount.preparedRequest(for: exchange, among: actions)
        guard prepared.request.isRestricted, let user = exchange.userID else { return writer.writeNull() }
        writer.write(user)
    }
}
