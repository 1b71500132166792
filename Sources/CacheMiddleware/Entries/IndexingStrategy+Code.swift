import HTTPTypes

extension HTTPField.DynamicTableIndexingStrategy {
    /// The number of the strategy in the low two bits before the length of a field's name.
    var code: UInt64 {
        switch self {
        case .prefer: 1
        case .avoid: 2
        case .disallow: 3
        default: 0
        }
    }

    /// Creates the strategy of the low two bits.
    init(code: UInt32) {
        switch code & 3 {
        case 1: self = .prefer
        case 2: self = .avoid
        case 3: self = .disallow
        default: self = .automatic
        }
    }
}
