/// A protocol violation in the bytes from a server. The connection cannot be used any more.
struct RESPError: Error, Hashable, CustomStringConvertible {
    /// The violation, in hiredis' words or in ours.
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
