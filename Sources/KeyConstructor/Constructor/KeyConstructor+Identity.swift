extension KeyConstructor.Bit {
    /// What a bit is compared by: its content when it is `Hashable`, and otherwise that it was put into a constructor here.
    // Sendable because `value` contains a bit, whose protocol requires Sendable, or a token, and never changes. `AnyHashable` hides that.
    /// The identity by which bits are compared: the content of a `Hashable` bit, and otherwise a unique token.
    struct Identity: Hashable, @unchecked Sendable {
        private let value: AnyHashable

        init(of bit: any Sendable) {
            if let bit = bit as? any Hashable {
                value = AnyHashable(bit)
            } else {
                value = AnyHashable(Token())
            }
        }

        private final class Token: Hashable, Sendable {
            static func == (left: Token, right: Token) -> Bool { left === right }
            func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
        }
    }
}
