/// A floating-point number as Python's `repr` writes it, which is also what `json.dumps` writes.
///
/// Both languages print the shortest digits that read back as the same number; they differ in when they use an
/// exponent (Python: below 1e-4 and from 1e16 on) and in how they write it (Python: signed, at least two digits).
func pythonDescription(of value: Double) -> String {
    guard value.isFinite else {
        return value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity"
    }
    guard value != 0 else { return value.sign == .minus ? "-0.0" : "0.0" }

    let (digits, exponent) = shortestDigits(of: value.magnitude)
    let sign = value < 0 ? "-" : ""
    // The number is 0.d1d2d3... times ten to the power of `exponent`.
    switch exponent {
    case ...(-4), 17...:
        let power = exponent - 1
        let fraction = digits.count > 1 ? "." + digits.dropFirst() : ""
        let padding = power.magnitude < 10 ? "0" : ""
        return "\(sign)\(digits.prefix(1))\(fraction)e\(power < 0 ? "-" : "+")\(padding)\(power.magnitude)"
    case ...0:
        return sign + "0." + String(repeating: "0", count: -exponent) + digits
    case ..<digits.count:
        return sign + digits.prefix(exponent) + "." + digits.dropFirst(exponent)
    default:
        return sign + digits + String(repeating: "0", count: exponent - digits.count) + ".0"
    }
}

/// The shortest decimal digits of a positive number, without leading or trailing zeros, and the power of ten by which
/// `0.digits` is to be multiplied.
private func shortestDigits(of value: Double) -> (digits: String, exponent: Int) {
    let parts = value.description.split(separator: "e")
    let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
    let whole = mantissa[0]
    let fraction = mantissa.count > 1 ? mantissa[1] : ""
    var exponent = whole.count + (parts.count > 1 ? Int(parts[1])! : 0)
    var digits = Substring(whole + fraction)
    while digits.first == "0" {
        digits.removeFirst()
        exponent -= 1
    }
    while digits.last == "0" { digits.removeLast() }
    return (String(digits), exponent)
}
