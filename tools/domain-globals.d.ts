// What the generated messages use beside the language itself: pure functions of their argument.
declare function atob(text: string): string;
declare function btoa(text: string): string;
