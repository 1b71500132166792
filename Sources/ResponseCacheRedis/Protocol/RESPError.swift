/// Why what a server sends is not the protocol. The connection cannot be used any more.
struct RESPError: Error, Hashable, CustomStringConvertible {
    /// What was expected, in hiredis' words or in ours.
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
