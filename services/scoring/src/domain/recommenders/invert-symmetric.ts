/**
 * The inverse of a symmetric positive definite matrix of `size` rows, one behind the other: Cholesky's factor, its inverse, and the product of that with itself. All three
 * go along rows, so the inner loops read memory in order. O(size³ / 2) multiplications; entries are good to about 1e-16 times the condition number.
 * @throws RangeError for a matrix that is not positive definite
 */
export function invertSymmetric(matrix: Float64Array, size: number): Float64Array {
  const factor = choleskyFactor(matrix, size);
  const columns = invertedColumns(factor, size);
  const inverse = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      const sum = dot(columns, i * size + i, j * size + i, size - i);
      inverse[i * size + j] = sum;
      inverse[j * size + i] = sum;
    }
  }
  return inverse;
}

/** L of L Lᵀ, in its lower half. */
function choleskyFactor(matrix: Float64Array, size: number): Float64Array {
  const factor = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      const rest = (matrix[i * size + j] as number) - dot(factor, i * size, j * size, j);
      if (i === j && !(rest > 0)) throw new RangeError('the matrix is not positive definite');
      factor[i * size + j] = i === j ? Math.sqrt(rest) : rest / (factor[j * size + j] as number);
    }
  }
  return factor;
}

/** The columns of the inverse of L, as rows. */
function invertedColumns(factor: Float64Array, size: number): Float64Array {
  const columns = new Float64Array(size * size);
  for (let j = 0; j < size; j++) {
    columns[j * size + j] = 1 / (factor[j * size + j] as number);
    for (let i = j + 1; i < size; i++) {
      const sum = dotOf(factor, i * size + j, columns, j * size + j, i - j);
      columns[j * size + i] = -sum / (factor[i * size + i] as number);
    }
  }
  return columns;
}

/** Of two stretches of one matrix. */
const dot = (rows: Float64Array, a: number, b: number, count: number): number => dotOf(rows, a, rows, b, count);

/** Four sums at once: one would wait for itself. */
function dotOf(left: Float64Array, a: number, right: Float64Array, b: number, count: number): number {
  let [sum0, sum1, sum2, sum3, at] = [0, 0, 0, 0, 0];
  for (; at + 3 < count; at += 4) {
    sum0 += (left[a + at] as number) * (right[b + at] as number);
    sum1 += (left[a + at + 1] as number) * (right[b + at + 1] as number);
    sum2 += (left[a + at + 2] as number) * (right[b + at + 2] as number);
    sum3 += (left[a + at + 3] as number) * (right[b + at + 3] as number);
  }
  for (; at < count; at++) sum0 += (left[a + at] as number) * (right[b + at] as number);
  return sum0 + sum1 + (sum2 + sum3);
}
